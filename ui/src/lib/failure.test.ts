import { expect, it } from 'vitest';

import { asFailure } from './failure';

it('passes on a failure of the agent', () => {
  const failure = { code: 'name_taken', message: 'Taken.', nextStep: 'Choose another.' };
  expect(asFailure(failure)).toBe(failure);
});

it('makes a failure with a next step of anything else', () => {
  expect(asFailure('command not found')).toMatchObject({
    code: 'unexpected',
    message: 'command not found',
  });
  expect(asFailure(new Error('lost')).message).toBe('lost');
  expect(asFailure({ code: 7 }).nextStep).not.toBe('');
});
