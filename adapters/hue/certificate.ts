import { X509Certificate } from 'node:crypto';

/**
 * The maker's own roots: `root-bridge`, which signs the certificates of bridges today, and `Hue Root CA 01`, to which they
 * move (https://developers.meethue.com/develop/application-design-guidance/using-https/; SHA-256 F0:BD:8E:65... and
 * D8:B8:94:48...).
 */
const MAKER_ROOTS = [
  `-----BEGIN CERTIFICATE-----
MIICMjCCAdigAwIBAgIUO7FSLbaxikuXAljzVaurLXWmFw4wCgYIKoZIzj0EAwIw
OTELMAkGA1UEBhMCTkwxFDASBgNVBAoMC1BoaWxpcHMgSHVlMRQwEgYDVQQDDAty
b290LWJyaWRnZTAiGA8yMDE3MDEwMTAwMDAwMFoYDzIwMzgwMTE5MDMxNDA3WjA5
MQswCQYDVQQGEwJOTDEUMBIGA1UECgwLUGhpbGlwcyBIdWUxFDASBgNVBAMMC3Jv
b3QtYnJpZGdlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjNw2tx2AplOf9x86
aTdvEcL1FU65QDxziKvBpW9XXSIcibAeQiKxegpq8Exbr9v6LBnYbna2VcaK0G22
jOKkTqOBuTCBtjAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBhjAdBgNV
HQ4EFgQUZ2ONTFrDT6o8ItRnKfqWKnHFGmQwdAYDVR0jBG0wa4AUZ2ONTFrDT6o8
ItRnKfqWKnHFGmShPaQ7MDkxCzAJBgNVBAYTAk5MMRQwEgYDVQQKDAtQaGlsaXBz
IEh1ZTEUMBIGA1UEAwwLcm9vdC1icmlkZ2WCFDuxUi22sYpLlwJY81Wrqy11phcO
MAoGCCqGSM49BAMCA0gAMEUCIEBYYEOsa07TH7E5MJnGw557lVkORgit2Rm1h3B2
sFgDAiEA1Fj/C3AN5psFMjo0//mrQebo0eKd3aWRx+pQY08mk48=
-----END CERTIFICATE-----`,
  `-----BEGIN CERTIFICATE-----
MIIBzDCCAXOgAwIBAgICEAAwCgYIKoZIzj0EAwIwPDELMAkGA1UEBhMCTkwxFDAS
BgNVBAoMC1NpZ25pZnkgSHVlMRcwFQYDVQQDDA5IdWUgUm9vdCBDQSAwMTAgFw0y
NTAyMjUwMDAwMDBaGA8yMDUwMTIzMTIzNTk1OVowPDELMAkGA1UEBhMCTkwxFDAS
BgNVBAoMC1NpZ25pZnkgSHVlMRcwFQYDVQQDDA5IdWUgUm9vdCBDQSAwMTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABFfOO0jfSAUXGQ9kjEDzyBrcMQ3ItyA5krE+
cyvb1Y3xFti7KlAad8UOnAx0FBLn7HZrlmIwm1QnX0fK3LPM13mjYzBhMB0GA1Ud
DgQWBBTF1pSpsCASX/z0VHLigxU2CAaqoTAfBgNVHSMEGDAWgBTF1pSpsCASX/z0
VHLigxU2CAaqoTAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAKBggq
hkjOPQQDAgNHADBEAiAk7duT+IHbOGO4UUuGLAEpyYejGZK9Z7V9oSfnvuQ5BQIg
IYSgwwxHXm73/JgcU9lAM6c8Bmu3UE3kBIUwBs1qXFw=
-----END CERTIFICATE-----`,
];

/** Longest way from a bridge's certificate to the root. */
const LONGEST_CHAIN = 4;

export const makerRoots = (): X509Certificate[] => MAKER_ROOTS.map((pem) => new X509Certificate(pem));

/** What a bridge must show: the certificate that it showed at pairing, or one that the maker signed for it. */
export const trustIn =
  (bridge: string, fingerprint: string, roots: readonly X509Certificate[]) =>
  (shown: X509Certificate): boolean =>
    shown.fingerprint256 === fingerprint || isSignedFor(bridge, shown, roots);

/**
 * Whether the maker signed this certificate for this bridge, whose id stands in it as the common name. Its dates are not
 * looked at: it is valid for the bridge's lifetime, and a hub without a battery-backed clock may not know the year.
 */
export function isSignedFor(bridge: string, certificate: X509Certificate, roots: readonly X509Certificate[]): boolean {
  if (commonName(certificate) !== bridge) return false;
  let link: X509Certificate | undefined = certificate;
  for (let steps = 0; link && steps < LONGEST_CHAIN; steps += 1) {
    const child: X509Certificate = link;
    if (roots.some((root) => isIssuedBy(child, root))) return true;
    const issuer: X509Certificate | undefined = child.issuerCertificate;
    link = issuer?.ca && isIssuedBy(child, issuer) ? issuer : undefined;
  }
  return false;
}

const isIssuedBy = (child: X509Certificate, parent: X509Certificate): boolean =>
  child.checkIssued(parent) && child.verify(parent.publicKey);

const commonName = ({ subject }: X509Certificate): string | undefined => /^CN=(.*)$/m.exec(subject)?.[1]?.toLowerCase();
