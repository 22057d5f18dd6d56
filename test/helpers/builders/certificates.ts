import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether certificates can be made here. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Paths of a certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of its own, whose files lie in `folder`. */
export function authority(folder: string, name = 'ca') {
  const ca = newKey(folder, name, ['-x509', '-days', '2']);
  return {
    /** Path of its certificate. */
    ca: ca.cert,
    /** A certificate that it signs, for an address like `IP:127.0.0.1`. */
    sign(subject: string, address: string): Certificate {
      const asked = newKey(folder, subject, []);
      const extensions = join(folder, `${subject}.ext`);
      writeFileSync(extensions, `subjectAltName=${address}\n`);
      const cert = join(folder, `${subject}.signed.pem`);
      const by = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial', '-extfile', extensions];
      openssl(['x509', '-req', '-in', asked.cert, ...by, '-days', '2', '-out', cert]);
      return { cert, key: asked.key };
    },
  };
}

/** A key, and a certificate or the request for one. */
function newKey(folder: string, name: string, options: readonly string[]): Certificate {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(['req', ...options, ...elliptic, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert]);
  return { cert, key };
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
