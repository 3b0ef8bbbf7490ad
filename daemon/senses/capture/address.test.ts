import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { redact } from './address.ts';

describe('redact', () => {
  it('leaves scheme, host and port', () => {
    assert.equal(redact('rtsp://me:pw@cam.local:554/live?token=x: Connection refused'), 'rtsp://cam.local:554: Connection refused');
    assert.equal(redact('tcp://[fe80::1%eth0]:554/a failed'), 'tcp://[fe80::1%eth0]:554 failed');
    assert.equal(redact('no address: at all'), 'no address: at all');
  });

  it('takes out a login that is not encoded as it should be', () => {
    const address = 'rtsp://me:p w/"x@y@cam/live';
    assert.equal(redact(`${address}: 401`, address), 'rtsp://...: 401');
    assert.equal(redact('rtsp://me:p@w@cam/live'), 'rtsp://cam');
    assert.equal(redact('rtsp://cam/user=me&password=p@ss'), 'rtsp://...');
  });

  it('never lets a password through', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!$&*+,;=:@/?#%]{4,20}$/).filter((text) => !'rtsp://camera:554 said'.includes(text));
    fc.assert(
      fc.property(secret, secret, (user, password) => {
        const address = `rtsp://${user}:${password}@camera:554/x`;
        assert.ok(!redact(`${address} said`, address).includes(password));
        assert.ok(!redact(`${address} said`).includes(password));
      }),
    );
  });
});
