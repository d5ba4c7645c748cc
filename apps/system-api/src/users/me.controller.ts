import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  meChangeSchema,
  meSchema,
  passwordChangeSchema,
  ROLES,
  sessionListSchema,
  type Me,
  type MeChange,
  type PasswordChange,
  type SessionList,
} from '@astro/contracts';
import { Access, BeforePasswordChange, Caller } from '../auth/access.decorators.js';
import { type UserIdentity } from '../auth/identity.js';
import { ApiRoute } from '../shared/api-route.js';
import { Origin, type RequestOrigin } from '../shared/request-origin.js';
import { MeService } from './me.service.js';

const sessionParams = z.object({ id: z.uuid() });

/** One's own account; for people, not for API keys. */
@ApiTags('Me')
@Controller('api/v1/me')
@Access({ roles: ROLES })
export class MeController {
  constructor(private readonly me: MeService) {}

  @Get()
  @BeforePasswordChange()
  @ApiRoute({ operationId: 'getMe', summary: 'Who I am, and how I like it', answer: meSchema })
  getMe(@Caller() user: UserIdentity): Promise<Me> {
    return this.me.read(user);
  }

  @Patch()
  @ApiRoute({
    operationId: 'changeMe',
    summary: 'Change my name or preferences',
    description: 'Preferences that are not named stay as they are.',
    body: meChangeSchema,
    answer: meSchema,
  })
  changeMe(@Caller() user: UserIdentity, @Body() body: MeChange, @Origin() origin: RequestOrigin): Promise<Me> {
    return this.me.change(user, body, origin);
  }

  @Post('password')
  @BeforePasswordChange()
  @ApiRoute({
    operationId: 'changeMyPassword',
    summary: 'Change my password; my other sessions end',
    body: passwordChangeSchema,
    answer: null,
  })
  changeMyPassword(
    @Caller() user: UserIdentity,
    @Body() body: PasswordChange,
    @Origin() origin: RequestOrigin,
  ): Promise<void> {
    return this.me.changePassword(user, body, origin);
  }

  @Get('sessions')
  @ApiRoute({ operationId: 'listMySessions', summary: 'Where I am signed in', answer: sessionListSchema })
  listMySessions(@Caller() user: UserIdentity): Promise<SessionList> {
    return this.me.listSessions(user);
  }

  @Delete('sessions/:id')
  @ApiRoute({ operationId: 'endMySession', summary: 'End one of my sessions', params: sessionParams, answer: null })
  endMySession(
    @Caller() user: UserIdentity,
    @Param() params: z.infer<typeof sessionParams>,
    @Origin() origin: RequestOrigin,
  ): Promise<void> {
    return this.me.endSession(user, params.id, origin);
  }
}
