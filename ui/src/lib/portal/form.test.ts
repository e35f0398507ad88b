import { describe, expect, it } from 'vitest';

import { checkForm, fieldOf, portalOf, regionOf } from './form';

const GOOD = { startUrl: 'https://acme.awsapps.com/start', region: 'eu-central-1', name: '' };

describe('checkForm', () => {
  it.each([
    [{}],
    [{ startUrl: '  https://ssoins-1234.portal.us-east-1.app.aws ' }],
    [{ startUrl: 'http://localhost:4180/start' }],
    [{ startUrl: 'http://127.0.0.1:4180/start' }],
    [{ startUrl: 'http://[::1]:4180/start' }],
    [{ region: 'us-gov-west-1' }],
    [{ region: 'eusc-de-east-1' }],
    [{ name: 'acme' }],
  ])('accepts %o', (change) => {
    expect(checkForm({ ...GOOD, ...change }, ['other'])).toEqual({});
  });

  it.each([
    ['startUrl', { startUrl: ' ' }],
    ['startUrl', { startUrl: 'acme.awsapps.com/start' }],
    ['startUrl', { startUrl: 'http://acme.example/start' }],
    ['startUrl', { startUrl: 'ftp://localhost/start' }],
    ['region', { region: '' }],
    ['region', { region: 'Frankfurt' }],
    ['region', { region: 'eu-central' }],
    ['name', { name: ' other ' }],
  ])('names the field %s for %o', (field, change) => {
    expect(Object.keys(checkForm({ ...GOOD, ...change }, ['other']))).toEqual([field]);
  });
});

it('sends what was typed without the blanks around it', () => {
  expect(portalOf({ startUrl: ' https://a.example ', region: ' us-east-1', name: ' ' })).toEqual({
    startUrl: 'https://a.example',
    region: 'us-east-1',
    name: null,
  });
});

it('reads the region from start URLs that carry it, and from no others', () => {
  expect(regionOf('https://ssoins-1234.portal.eu-west-1.app.aws')).toBe('eu-west-1');
  expect(regionOf('https://ssoins-1234.portal.eu-west-1.app.aws/start')).toBe('eu-west-1');
  expect(regionOf('https://ssoins-1234.portal.eu-west-1.app.aws.example')).toBeNull();
  expect(regionOf('https://acme.awsapps.com/start')).toBeNull();
});

it('finds the field that a refusal is about', () => {
  const failure = (code: string) => ({ code, message: '', nextStep: '' });
  expect(fieldOf(failure('wrong_portal'))).toBe('startUrl');
  expect(fieldOf(failure('portal_unreachable'))).toBeNull();
});
