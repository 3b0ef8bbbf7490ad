import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { generate } from 'selfsigned';
import { isSignedFor, makerRoots, trustIn } from './certificate.ts';

const BRIDGE = '001788fffe123456';

interface Pair {
  cert: string;
  key: string;
}

async function issue(
  name: string,
  { by, authority = false }: { by?: Pair; authority?: boolean } = {},
): Promise<Pair & { x509: X509Certificate }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: authority },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: authority },
    ],
    ...(by && { ca: { cert: by.cert, key: by.key } }),
  });
  return { cert, key, x509: new X509Certificate(cert) };
}

describe('the certificate of a bridge', () => {
  it("the maker's roots are those it publishes, and sign themselves", () => {
    assert.deepEqual(
      makerRoots().map(({ fingerprint256 }) => fingerprint256.slice(0, 11)),
      ['F0:BD:8E:65', 'D8:B8:94:48'],
    );
    for (const root of makerRoots()) assert.ok(root.verify(root.publicKey));
  });

  it('signed by a root for this bridge is trusted, whatever it looked like at pairing', async () => {
    const root = await issue('root-bridge', { authority: true });
    const { x509 } = await issue(BRIDGE, { by: root });
    assert.ok(isSignedFor(BRIDGE, x509, [root.x509]));
    assert.ok(trustIn(BRIDGE, 'another fingerprint', [root.x509])(x509));
  });

  it('signed for another bridge, by itself, or by somebody who calls himself the root is not', async () => {
    const root = await issue('root-bridge', { authority: true });
    const impostor = await issue('root-bridge', { authority: true });
    const others = [await issue('001788fffe654321', { by: root }), await issue(BRIDGE), await issue(BRIDGE, { by: impostor })];
    for (const { x509 } of others) {
      assert.ok(!isSignedFor(BRIDGE, x509, [root.x509]));
      assert.ok(!trustIn(BRIDGE, 'another fingerprint', [root.x509])(x509));
      assert.ok(trustIn(BRIDGE, x509.fingerprint256, [root.x509])(x509), 'unless it is the one seen at pairing');
    }
  });
});
