import { Global, Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditLog } from './audit-log.js';
import { AuditedActs } from './audited-acts.js';
import { AuditReader } from './audit-reader.js';

/** Every module writes to the audit trail. */
@Global()
@Module({
  controllers: [AuditController],
  providers: [AuditedActs, AuditLog, AuditReader],
  exports: [AuditedActs, AuditLog],
})
export class AuditModule {}
