import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  createdUserSchema,
  endedSessionsSchema,
  idSchema,
  newUserSchema,
  passwordResetResultSchema,
  passwordResetSchema,
  userChangeSchema,
  userPageSchema,
  userQuerySchema,
  userSchema,
  type CreatedUser,
  type EndedSessions,
  type NewUser,
  type PasswordReset,
  type PasswordResetResult,
  type User,
  type UserChange,
  type UserPage,
  type UserQuery,
} from '@astro/contracts';
import { Access, Caller } from '../auth/access.decorators.js';
import { type Identity } from '../auth/identity.js';
import { ApiRoute } from '../shared/api-route.js';
import { Origin, type RequestOrigin } from '../shared/request-origin.js';
import { administratorOf, UsersService } from './users.service.js';

const userParams = z.object({ id: idSchema });
type UserParams = z.infer<typeof userParams>;

/** People, for administrators. */
@ApiTags('Users')
@Controller('api/v1/users')
@Access({ roles: ['admin'] })
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @ApiRoute({ operationId: 'listUsers', summary: 'Every user', query: userQuerySchema, answer: userPageSchema })
  listUsers(@Query() query: UserQuery, @Caller() caller: Identity): Promise<UserPage> {
    return this.users.list(query, caller.id);
  }

  @Post()
  @ApiRoute({
    operationId: 'createUser',
    summary: 'Add a user',
    description: 'Without `password` one is made and told this one time. The user is asked to choose another.',
    body: newUserSchema,
    answer: createdUserSchema,
    status: 201,
    problems: [409],
  })
  createUser(@Body() body: NewUser, @Origin() origin: RequestOrigin): Promise<CreatedUser> {
    return this.users.create(body, administratorOf(origin));
  }

  @Patch(':id')
  @ApiRoute({
    operationId: 'changeUser',
    summary: 'Rename, give another role, disable or enable',
    description: 'Acts at once, also on sessions that are open. The last administrator stays one.',
    params: userParams,
    body: userChangeSchema,
    answer: userSchema,
    problems: [409],
  })
  changeUser(@Param() params: UserParams, @Body() body: UserChange, @Origin() origin: RequestOrigin): Promise<User> {
    return this.users.change(params.id, body, administratorOf(origin));
  }

  @Delete(':id/sessions')
  @ApiRoute({
    operationId: 'endUserSessions',
    summary: 'Sign a user out everywhere',
    params: userParams,
    answer: endedSessionsSchema,
  })
  endUserSessions(@Param() params: UserParams, @Origin() origin: RequestOrigin): Promise<EndedSessions> {
    return this.users.endSessions(params.id, administratorOf(origin));
  }

  @Post(':id/password')
  @ApiRoute({
    operationId: 'setUserPassword',
    summary: 'Set a new password for a user, whose sessions end',
    description: 'Without `password` one is made and told this one time.',
    params: userParams,
    body: passwordResetSchema,
    answer: passwordResetResultSchema,
    problems: [409],
  })
  setUserPassword(
    @Param() params: UserParams,
    @Body() body: PasswordReset,
    @Origin() origin: RequestOrigin,
  ): Promise<PasswordResetResult> {
    return this.users.setPassword(params.id, body, administratorOf(origin));
  }
}
