import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { signedInSchema, signInSchema, type SignedIn, type SignIn } from '@astro/contracts';
import { type ApiEnv } from '@astro/runtime';
import { ApiRoute } from '../shared/api-route.js';
import { Origin, type RequestOrigin } from '../shared/request-origin.js';
import { API_ENV } from '../shared/shared.module.js';
import { Public } from './access.decorators.js';
import { AuthService, type Continued } from './auth.service.js';
import { RefreshCookie, requireOwnPage } from './refresh-cookie.js';

const OWN_HEADER = 'Needs the header `X-Requested-With: astro`.';

@ApiTags('Sign in')
@Controller('api/v1/auth')
@Public()
export class AuthController {
  private readonly cookie: RefreshCookie;

  constructor(
    private readonly auth: AuthService,
    @Inject(API_ENV) { publicUrl }: ApiEnv,
  ) {
    this.cookie = new RefreshCookie(publicUrl?.startsWith('https:') ?? false);
  }

  @Post('sign-in')
  @ApiRoute({
    operationId: 'signIn',
    summary: 'Sign in with e-mail address and password',
    description:
      'Answers an access token for ten minutes, and sets a cookie that `refreshSession` takes. Wrong tries are slowed down.',
    body: signInSchema,
    answer: signedInSchema,
  })
  async signIn(
    @Body() body: SignIn,
    @Origin() origin: RequestOrigin,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    return this.answer(await this.auth.signIn(body, origin), response);
  }

  @Post('refresh')
  @ApiRoute({
    operationId: 'refreshSession',
    summary: 'Get the next access token of this session',
    description: `Takes the cookie and sets its successor. A cookie that comes back after its successor was used ends the session. ${OWN_HEADER}`,
    answer: signedInSchema,
  })
  async refreshSession(
    @Req() request: Request,
    @Origin() origin: RequestOrigin,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedIn> {
    requireOwnPage(request);
    return this.answer(await this.auth.refresh(this.cookie.read(request), origin), response);
  }

  @Post('sign-out')
  @ApiRoute({
    operationId: 'signOut',
    summary: 'End this session',
    description: `Its access tokens end at once. Does nothing when there is no session. ${OWN_HEADER}`,
    answer: null,
  })
  async signOut(
    @Req() request: Request,
    @Origin() origin: RequestOrigin,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    requireOwnPage(request);
    await this.auth.signOut(this.cookie.read(request), origin);
    this.cookie.clear(response);
  }

  private answer({ answer, session }: Continued, response: Response): SignedIn {
    response.setHeader('Cache-Control', 'no-store');
    this.cookie.set(response, session.refreshToken, session.expiresAt);
    return answer;
  }
}
