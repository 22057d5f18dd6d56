/** What the check of a request by its schema found; Ajv's error, as Fastify hands it on. */
export interface InvalidRequest {
  readonly validation: readonly SchemaFault[];
  /** Part of the request. */
  readonly validationContext?: string;
}

interface SchemaFault {
  /** Such as `/interactions/0/rating`; empty for the part itself. */
  readonly instancePath: string;
  /** Such as `must be <= 1000`. */
  readonly message?: string;
  readonly params: {
    readonly additionalProperty?: string;
    readonly missingProperty?: string;
    readonly allowedValues?: readonly unknown[];
  };
}

const longestName = 100;

/** What was found and expected, with the names of the request. */
export function describeInvalid({ validation, validationContext }: InvalidRequest): string {
  const [fault] = validation;
  const part = validationContext === 'body' ? 'body' : 'address';
  if (fault === undefined)
    return 'found a request that does not fit; expected one of /openapi.json';
  const { instancePath, message = 'must fit', params } = fault;
  const place = instancePath.slice(1).replaceAll('/', '.');
  const owner = place === '' ? `the ${part}` : `${place} of the ${part}`;
  const { additionalProperty: unknown, missingProperty: missing, allowedValues } = params;
  if (unknown !== undefined) {
    const name = JSON.stringify(unknown.slice(0, longestName));
    return `found an unknown ${name} in ${owner}; expected names that /openapi.json has`;
  }
  if (missing !== undefined) return `found no ${missing} in ${owner}; expected one`;
  const expected = message.replace(/^must NOT/, 'not to').replace(/^must/, 'to');
  const values = allowedValues === undefined ? '' : `: ${allowedValues.join(', ')}`;
  return `found that ${owner} does not fit; expected it ${expected}${values}`;
}
