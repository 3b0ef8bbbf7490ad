import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

export interface BridgeCertificate {
  /** PEM. */
  cert: string;
  /** PEM. */
  key: string;
  /** SHA-256 in the form of `tls.TLSSocket.getPeerCertificate().fingerprint256`. */
  fingerprint256: string;
}

/**
 * A fresh certificate in the style of a Hue Bridge: subject `C=NL, O=Philips Hue, CN=<bridge id, lower case>`, P-256, no
 * subject alternative name, valid from 2017 to the end of 32-bit time (README.md, "Certificate").
 */
export async function bridgeCertificate(bridgeId: string): Promise<BridgeCertificate> {
  const subject = [
    { name: 'countryName', value: 'NL' },
    { name: 'organizationName', value: 'Philips Hue' },
    { name: 'commonName', value: bridgeId.toLowerCase() },
  ];
  const { cert, private: key } = await generate(subject, {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date('2017-01-01T00:00:00Z'),
    notAfterDate: new Date('2038-01-19T03:14:07Z'),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
    ],
  });
  return { cert, key, fingerprint256: new X509Certificate(cert).fingerprint256 };
}
