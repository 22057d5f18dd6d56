import { Ajv } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';

const common = { allowUnionTypes: true, useDefaults: true, removeAdditional: false } as const;

/**
 * How requests are checked, whatever the application that the service is mounted in does: numbers in
 * addresses are text, those in bodies are numbers; unknown parameters are refused.
 */
export function requestChecks(): FastifySchemaCompiler<object> {
  const ofAddress = new Ajv({ ...common, coerceTypes: 'array' });
  const ofBody = new Ajv({ ...common, coerceTypes: false });
  return ({ schema, httpPart }) => (httpPart === 'body' ? ofBody : ofAddress).compile(schema);
}
