import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysService } from './api-keys.service.js';
import { FirstUsers } from './first-users.js';
import { MeController } from './me.controller.js';
import { MeService } from './me.service.js';
import { Passwords } from './passwords.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

/** People and API keys. */
@Module({
  imports: [AuthModule],
  controllers: [MeController, UsersController, ApiKeysController],
  providers: [ApiKeysService, FirstUsers, MeService, Passwords, UsersService],
})
export class UsersModule {}
