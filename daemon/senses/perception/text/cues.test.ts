import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Cue, cuesOf } from './cues.ts';

const flagged = (cue: Cue, texts: readonly string[]): void => {
  for (const text of texts) assert.ok(cuesOf(text).includes(cue), `"${text}" shows ${cue}`);
};
const unflagged = (cue: Cue, texts: readonly string[]): void => {
  for (const text of texts) assert.ok(!cuesOf(text).includes(cue), `"${text}" shows no ${cue}`);
};

describe('cues in the wording', () => {
  test('negation', () => {
    flagged('negation', ['I am not happy', "It didn't help", 'Don’t', 'nobody came', 'I can hardly sleep']);
    unflagged('negation', ['', 'I am happy', 'a knot in the rope', 'nothingness']);
  });

  test('sarcasm that says so', () => {
    flagged('sarcasm', [
      'Great service /s',
      'yeah right',
      'Oh great, it broke',
      'Just what I needed...',
      'Thanks a lot for being late again',
    ]);
    unflagged('sarcasm', ['', 'This is great', 'Oh great news!', 'thanks so much', 'km/s', 'You were right']);
  });

  test('risk, where a person speaks of wanting to die or of self-harm', () => {
    flagged('risk', [
      'I want to die',
      'I just wanna die.',
      "I'm going to kill myself",
      'I’ve been thinking about killing myself',
      'I am thinking of ending it all',
      "I don't want to live anymore",
      'i dont want to be alive',
      'I wish I was dead',
      'I have no reason to live',
      'everyone would be better off without me',
      'I cut myself again',
      "I'm suicidal",
      'I tried to end my life',
    ]);
  });

  test('no risk in sayings, denials, and talk of others', () => {
    unflagged('risk', [
      '',
      'This homework is killing me',
      'I want to dye my hair',
      'I nearly died laughing',
      'I want to die of embarrassment',
      'He wants to kill himself in the film',
      'I would never kill myself',
      "I don't want to die",
      'I am not suicidal',
      "I don't want to live here",
      "I don't want to live in Berlin anymore",
      'You should die',
      'The battery is about to die',
      'I cut myself while shaving',
      'Suicide is a difficult subject',
    ]);
  });
});
