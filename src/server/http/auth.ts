import type { FastifyRequest } from 'fastify';
import { HttpError } from '../http-error.js';
import { indexOfToken, type TokenDigests } from '../tokens.js';

/** Who may use a route: anyone, the holder of a token, the holder of an admin token. */
export type RouteAccess = 'open' | 'token' | 'admin';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Default `token`. */
    access?: RouteAccess;
  }
}

/** Throws `HttpError` unless the request may use its route. */
export function checkAccess(
  request: FastifyRequest,
  tokens: TokenDigests,
  adminTokens: TokenDigests,
): void {
  const { access = 'token' } = request.routeOptions.config;
  if (access === 'open') return;
  const token = bearerOf(request);
  if (access === 'admin') {
    if (adminTokens.length === 0) {
      throw new HttpError(
        ...([
          403,
          'ERR_FORBIDDEN',
          'found no admin token set; expected one; see --admin-token',
        ] as const),
      );
    }
    if (indexOfToken(token, adminTokens) >= 0) return;
    throw unauthorized('an admin token');
  }
  if (tokens.length === 0) return;
  if (indexOfToken(token, tokens) >= 0 || indexOfToken(token, adminTokens) >= 0) return;
  throw unauthorized('a token');
}

/** What a limit of requests counts by: the token, or without tokens the address. */
export function clientOf(request: FastifyRequest, tokens: TokenDigests): string {
  const index = indexOfToken(bearerOf(request), tokens);
  return index >= 0 ? `token ${index}` : request.ip;
}

function bearerOf({ headers }: FastifyRequest): string {
  const [, token = ''] = /^Bearer +([\x21-\x7e]+)$/i.exec(headers.authorization ?? '') ?? [];
  return token;
}

function unauthorized(expected: string): HttpError {
  const message = `found no valid token; expected ${expected} as Authorization: Bearer <token>`;
  return new HttpError(401, 'ERR_UNAUTHORIZED', message);
}
