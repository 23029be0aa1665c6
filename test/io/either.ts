/** Results of readers, as tests look at them. */
import * as E from 'fp-ts/lib/Either.js'
import type { io } from '../../src/index.js'

/** The value of a Right; throws the message of a Left. */
export const right = <A>(e: E.Either<io.DataFault, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

/** Kind and first line of a Left; null for a Right. */
export const left = (e: E.Either<io.DataFault, unknown>): readonly [io.FaultTag, string] | null =>
  E.isLeft(e) ? [e.left._tag, e.left.message.split('\n')[0]!] : null
