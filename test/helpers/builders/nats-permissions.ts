import { readFileSync } from 'node:fs';

/**
 * The `authorization` block of docs/nodes.md, with a worker for each name. Passwords of workers are
 * `w`, that of the supervisor is `s`.
 */
export function documentedPermissions(...workers: readonly string[]): string {
  const page = readFileSync('docs/nodes.md', 'utf8');
  const block = /^authorization \{.*?^\}$/ms.exec(page)![0];
  const alpha = /^ *\{ user: alpha.*?allow_responses: true \} \}$/ms.exec(block)![0];
  const users = workers.map((name) => alpha.replaceAll('alpha', name));
  return block
    .replace(alpha, () => users.join('\n'))
    .replaceAll('$ALPHA_PASSWORD', 'w')
    .replace('$SUPERVISOR_PASSWORD', 's');
}
