/** Texts to learn to write from. */
import { textDecoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'
import type { DataPlace } from './located.js'
import { located, placeOf } from './located.js'

const limit = 100_000_000

/** UTF-8 or a fault. */
const decode =
  (name: string) =>
  (bytes: Uint8Array): E.Either<DataFault, string> =>
    E.tryCatch(
      () => textDecoder('utf-8', { fatal: true }).decode(bytes),
      () => fault('Corrupt', `${name}: not UTF-8 text`),
    )

const text = (title: string, name: string, url: string, sha256: string, place: DataPlace): TE.TaskEither<DataFault, string> =>
  pipe(
    located({ title, set: 'text', name, names: [name], remote: { path: `text/${name}`, urls: [url], sha256 }, limit }, place),
    TE.chainEitherK(decode(name)),
  )

/**
 * 1 115 394 characters of Shakespeare (`tinyshakespeare.txt`; Karpathy 2015), 65 of them different.
 *
 * @example no-run
 * const loaded = await data.tinyShakespeare({ dir: './text' })()
 */
export const tinyShakespeare = (place: DataPlace = {}): TE.TaskEither<DataFault, string> =>
  text(
    'tinyshakespeare',
    'tinyshakespeare.txt',
    'https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt',
    '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed',
    placeOf('tinyShakespeare', place),
  )

/**
 * 32 033 first names in small letters (`names.txt`; Karpathy 2022).
 *
 * @example no-run
 * const loaded = await data.firstNames({ dir: './text' })()
 */
export const firstNames = (place: DataPlace = {}): TE.TaskEither<DataFault, readonly string[]> =>
  pipe(
    text(
      'names',
      'names.txt',
      'https://raw.githubusercontent.com/karpathy/makemore/master/names.txt',
      '0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d',
      placeOf('firstNames', place),
    ),
    TE.map((lines) => lines.split(/\r?\n/).filter((line) => line !== '')),
  )
