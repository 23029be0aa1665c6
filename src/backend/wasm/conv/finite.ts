/** Whether numbers are all finite: zeros between dilated elements may be left out only then, as infinity times zero is not zero. */
import { argumentsAt, layoutOf } from '../block.js'
import { f32, f32x4, f64, f64x2, i32, v128 } from '../instructions.js'
import type { ModuleBuilder } from '../module.js'
import type { Lanes } from '../gemm/lanes.js'

/** Words of the argument block; `found` becomes 1 when there is an infinity or a NaN. */
export const finiteFields = layoutOf(['from', 'found'])

/** Writes `finite(args, begin, end)` over elements. */
export const writeFinite = (m: ModuleBuilder, l: Lanes): void => {
  m.func(`finite_${l.dtype}`, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const from = b.let(argumentsAt(finiteFields, args).word('from'))
    const sum = b.let(l.zero)
    const at = b.let(i32.add(from, i32.mul(begin, i32.const(l.bytes))))
    const whole = b.let(i32.sub(end, i32.const(l.lanes - 1)))
    const i = b.let(begin)
    const found = (): void => b.run(i32.store(args, i32.const(1), 4 * finiteFields.position.found))
    b.loop(
      begin,
      whole,
      l.lanes,
      () => {
        b.set(sum, l.add(sum, l.mul(v128.load(at), l.zero)))
        b.set(at, i32.add(at, i32.const(16)))
      },
      i,
    )
    const ne = l.lanes === 4 ? f32x4.ne : f64x2.ne
    b.if(v128.anyTrue(ne(sum, l.zero)), found)
    b.loop(
      i,
      end,
      1,
      () => {
        const odd =
          l.lanes === 4
            ? f32.ne(f32.mul(f32.load(at), f32.const(0)), f32.const(0))
            : f64.ne(f64.mul(f64.load(at), f64.const(0)), f64.const(0))
        b.if(odd, found)
        b.set(at, i32.add(at, i32.const(l.bytes)))
      },
      i,
    )
  })
}
