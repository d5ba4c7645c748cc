import { BadGatewayException, BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { problemOf } from './problem.js';

const OURS = 'Something went wrong on our side. Try again; if it stays, report the request id.';

it.each<[string, unknown, number, string, string]>([
  [
    'what the caller did wrong',
    new BadRequestException('limit must be above 0'),
    400,
    'BAD_REQUEST',
    'limit must be above 0',
  ],
  ['an unknown address', new NotFoundException('Cannot GET /x'), 404, 'NOT_FOUND', 'There is nothing at this address.'],
  [
    'a large body',
    new HttpException('request entity too large', 413),
    413,
    'PAYLOAD_TOO_LARGE',
    'The body is too large.',
  ],
  ['an error of ours', new BadGatewayException('postgres://db'), 502, 'BAD_GATEWAY', OURS],
  ['any other error', new Error('relation "users" does not exist'), 500, 'INTERNAL_SERVER_ERROR', OURS],
  [
    'a text with NUL',
    Object.assign(new Error('invalid byte sequence for encoding "UTF8": 0x00'), { code: '22021' }),
    400,
    'INVALID_REQUEST',
    'A text holds a character that cannot be stored, such as NUL (U+0000). Take it out.',
  ],
  [
    'JSON with NUL',
    Object.assign(new Error('unsupported Unicode escape sequence'), { code: '22P05' }),
    400,
    'INVALID_REQUEST',
    'A text holds a character that cannot be stored, such as NUL (U+0000). Take it out.',
  ],
  ['no error at all', null, 500, 'INTERNAL_SERVER_ERROR', OURS],
])('tells about %s', (_name, error, status, code, detail) => {
  expect(problemOf(error)).toMatchObject({ status, code, detail });
});
