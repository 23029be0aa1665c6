/** Plain copies, in pieces. */
import { i32, memory } from '../instructions.js'
import type { KernelPass } from '../kernel.js'
import type { ModuleBuilder } from '../module.js'

const copyPiece = 1 << 16
/** Nanoseconds of one piece. */
const copyCost = 3000

/** Copies `bytes` of the first argument to argument `to`: what goes to an output unchanged, before something comes on top. */
export const copyPass = (m: ModuleBuilder, name: string, bytes: number, to: number): KernelPass => {
  m.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const from = b.let(i32.mul(begin, i32.const(copyPiece)))
    const limit = b.let(i32.mul(end, i32.const(copyPiece)))
    b.if(i32.gtu(limit, i32.const(bytes)), () => {
      b.set(limit, i32.const(bytes))
    })
    b.run(memory.copy(i32.add(i32.load(args, 4 * to), from), i32.add(i32.load(args, 0), from), i32.sub(limit, from)))
  })
  return { name, total: Math.ceil(bytes / copyPiece), grain: 16, cost: copyCost }
}
