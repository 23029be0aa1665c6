/** Images with a margin of zeros, and with zeros between their elements where they are spread. */
import { argumentsAt, layoutOf } from '../block.js'
import { i32, memory, v128 } from '../instructions.js'
import type { ModuleBuilder } from '../module.js'
import type { Lanes } from '../gemm/lanes.js'

/** Words of the argument block; `places` is a table of the places of rows, in bytes from the start of an image. */
export const imageFields = layoutOf(['from', 'to', 'fromBytes', 'toBytes', 'rows', 'length', 'step', 'places'])

/** Writes `image(args, begin, end)` over images: every row of `length` elements to its place, its elements `step` apart; zeros elsewhere. */
export const writeImages = (m: ModuleBuilder, l: Lanes): void => {
  m.func(`image_${l.dtype}`, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const { word, table } = argumentsAt(imageFields, args)
    const n = l.lanes
    const length = b.let(word('length'))
    const step = b.let(word('step'))
    const whole = b.let(i32.and(length, i32.const(-n)))
    b.loop(begin, end, 1, (image) => {
      const from = b.let(i32.add(word('from'), i32.mul(image, word('fromBytes'))))
      const to = b.let(i32.add(word('to'), i32.mul(image, word('toBytes'))))
      b.run(memory.fill(to, i32.const(0), word('toBytes')))
      const place = b.let(table('places'))
      b.loop(i32.const(0), word('rows'), 1, () => {
        const out = b.let(i32.add(to, i32.load(place)))
        b.set(place, i32.add(place, i32.const(4)))
        b.if(
          i32.eq(step, i32.const(1)),
          () => {
            b.loop(i32.const(0), whole, n, () => {
              b.run(v128.store(out, v128.load(from)))
              b.set(from, i32.add(from, i32.const(16)))
              b.set(out, i32.add(out, i32.const(16)))
            })
            b.loop(whole, length, 1, () => {
              b.run(l.move(out, from))
              b.set(from, i32.add(from, i32.const(l.bytes)))
              b.set(out, i32.add(out, i32.const(l.bytes)))
            })
          },
          () =>
            b.loop(i32.const(0), length, 1, () => {
              b.run(l.move(out, from))
              b.set(from, i32.add(from, i32.const(l.bytes)))
              b.set(out, i32.add(out, i32.mul(step, i32.const(l.bytes))))
            }),
        )
      })
    })
  })
}
