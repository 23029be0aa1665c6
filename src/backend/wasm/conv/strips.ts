/**
 * The product of a matrix of weights and the patches of an image, strip by strip of its columns: panels of the patches are gathered into
 * scratch of the thread, which stays in its cache, and multiplied there.
 */
import type { Callee, Local } from '../code.js'
import { i32, invoke, v128 } from '../instructions.js'
import type { ModuleBuilder } from '../module.js'
import { own } from '../module.js'
import { writeMultiply } from '../gemm/kernels.js'
import { columnsOf, type Tile } from '../gemm/tile.js'
import { digits, least } from '../addressing.js'
import type { Lanes } from '../gemm/lanes.js'
import { block, blockWords, fieldsAt, products, type ConvField } from './fields.js'
import { kindWords, writePanel } from './panels.js'

/** Rows of weights that are multiplied at once, so that they stay in the cache; about, for tiles divide them. */
const cachedRows = 128

/** `weights(args, begin, end)` over panels of rows, group after group: packs them for `strips`. */
const writeWeights = (m: ModuleBuilder, l: Lanes, { rows: high }: Tile): void => {
  const panel = writePanel(m, l, high)
  m.func(`weights_${l.dtype}`, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const { word, table } = fieldsAt(args)
    const panels = b.let(i32.div(i32.add(word('rows'), i32.const(high - 1)), i32.const(high)))
    b.loop(begin, end, 1, (index) => {
      const p = b.let(i32.rem(index, panels))
      const g = b.let(i32.div(index, panels))
      const from = b.let(i32.add(word('weights'), i32.mul(g, word('weightsGroup'))))
      const to = b.let(i32.add(word('packed'), i32.add(i32.mul(g, word('packedGroup')), i32.mul(p, word('packedPanel')))))
      const entry = b.let(table('blocks'))
      b.loop(i32.const(0), word('blockCount'), 1, () => {
        b.run(
          invoke(panel, [
            i32.add(from, i32.load(entry, 4 * block.weights)),
            i32.add(args, i32.load(entry, 4 * block.rowDepths)),
            i32.load(entry, 4 * block.deep),
            i32.add(table('rowWeights'), i32.mul(p, i32.const(4 * high))),
            i32.add(table('rowKinds'), i32.mul(p, i32.const(4 * kindWords(l, high)))),
            i32.add(to, i32.load(entry, 4 * block.packed)),
            word('rowsByDepth'),
          ]),
        )
        b.set(entry, i32.add(entry, i32.const(4 * blockWords)))
      })
    })
  })
}

/** Brings the products of a strip to their places. */
const writeScatter = (m: ModuleBuilder, l: Lanes): Callee =>
  m.func(null, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, args, from, result, row, rows, column) => {
    const { word, table } = fieldsAt(args)
    const stride = b.let(i32.mul(word('stripColumns'), i32.const(l.bytes)))
    const cols = least(b, word('stripColumns'), i32.sub(word('columns'), column))
    const whole = b.let(i32.and(cols, i32.const(-l.lanes)))
    const places = b.let(i32.add(table('columnPlaces'), i32.mul(column, i32.const(4))))
    const kinds = b.let(i32.add(table('placeKinds'), i32.mul(column, i32.const(4 / l.lanes))))
    const line = b.let(from)
    const target = b.let(i32.add(table('rowPlaces'), i32.mul(row, i32.const(4))))
    b.loop(i32.const(0), rows, 1, () => {
      const to = b.let(i32.add(result, i32.load(target)))
      const at = b.let(line)
      const place = b.let(places)
      const k = b.let(kinds)
      b.loop(i32.const(0), whole, l.lanes, () => {
        b.if(
          i32.eqz(i32.load(k)),
          () => b.run(v128.store(i32.add(to, i32.load(place)), v128.load(at))),
          () => {
            for (let i = 0; i < l.lanes; i++) b.run(l.move(i32.add(to, i32.load(place, 4 * i)), at, 0, i * l.bytes))
          },
        )
        b.set(k, i32.add(k, i32.const(4)))
        b.set(place, i32.add(place, i32.const(4 * l.lanes)))
        b.set(at, i32.add(at, i32.const(16)))
      })
      b.loop(whole, cols, 1, () => {
        b.run(l.move(i32.add(to, i32.load(place)), at))
        b.set(place, i32.add(place, i32.const(4)))
        b.set(at, i32.add(at, i32.const(l.bytes)))
      })
      b.set(line, i32.add(line, stride))
      b.set(target, i32.add(target, i32.const(4)))
    })
  })

/** Writes `weights` and `strips`: (args, begin, end) over panels of weights, and over images, groups, strips and blocks of rows. */
export const writeStrips = (m: ModuleBuilder, l: Lanes, tile: Tile): void => {
  writeWeights(m, l, tile)
  const width = columnsOf(tile, l)
  const panel = writePanel(m, l, width)
  const multiply = writeMultiply(m, l, tile)
  const scatter = writeScatter(m, l)
  const cached = cachedRows - (cachedRows % tile.rows)
  m.func(`strips_${l.dtype}`, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const { word, table } = fieldsAt(args)
    const mine = b.let(own)
    b.loop(begin, end, 1, (index) => {
      const { digit, rest } = digits(b, index)
      const row = b.let(i32.mul(digit(word('rowBlocks')), word('stripRows')))
      const column = b.let(i32.mul(digit(word('strips')), word('stripColumns')))
      const group = digit(word('groups'))
      const rows = least(b, word('stripRows'), i32.sub(word('rows'), row))
      const cols = least(b, word('stripColumns'), i32.sub(word('columns'), column))
      const address = (base: ConvField, image: ConvField, perGroup: ConvField): Local<'i32'> =>
        b.let(i32.add(word(base), i32.add(i32.mul(rest, word(image)), i32.mul(group, word(perGroup)))))
      const source = address('source', 'sourceImage', 'sourceGroup')
      const result = address('result', 'resultImage', 'resultGroup')
      const weights = b.let(
        i32.add(
          i32.add(word('packed'), i32.mul(group, word('packedGroup'))),
          i32.mul(i32.div(row, i32.const(tile.rows)), word('packedPanel')),
        ),
      )
      const c = b.let(i32.add(result, i32.add(i32.mul(row, word('resultRow')), i32.mul(column, i32.const(l.bytes)))))
      const stride = b.let(word('resultRow'))
      b.if(word('scatter'), () => {
        b.set(c, i32.add(mine, i32.const(products.from)))
        b.set(stride, i32.mul(word('stripColumns'), i32.const(l.bytes)))
      })
      const lines = b.let(i32.add(table('columnSources'), i32.mul(column, i32.const(4))))
      const kinds = b.let(i32.add(table('columnKinds'), i32.mul(column, i32.const(4 / l.lanes))))
      const entry = b.let(table('blocks'))
      b.loop(i32.const(0), word('blockCount'), 1, (nth) => {
        const deep = b.let(i32.load(entry, 4 * block.deep))
        const depths = b.let(i32.add(args, i32.load(entry, 4 * block.depths)))
        const from = b.let(i32.add(source, i32.load(entry, 4 * block.source)))
        const out = b.let(mine)
        b.loop(i32.const(0), cols, width, (j) => {
          b.run(
            invoke(panel, [
              from,
              depths,
              deep,
              i32.add(lines, i32.mul(j, i32.const(4))),
              i32.add(kinds, i32.mul(j, i32.const(4 / l.lanes))),
              out,
              word('columnsByDepth'),
            ]),
          )
          b.set(out, i32.add(out, i32.mul(deep, i32.const(width * l.bytes))))
        })
        const panelBytes = b.let(i32.mul(deep, i32.const(width * l.bytes)))
        const a = b.let(i32.add(weights, i32.load(entry, 4 * block.packed)))
        const line = b.let(c)
        b.loop(i32.const(0), rows, cached, (i) => {
          const count = least(b, i32.const(cached), i32.sub(rows, i))
          b.run(invoke(multiply, [a, word('packedPanel'), mine, panelBytes, deep, line, stride, count, cols, i32.ne(nth, i32.const(0))]))
          b.set(a, i32.add(a, i32.mul(word('packedPanel'), i32.const(cached / tile.rows))))
          b.set(line, i32.add(line, i32.mul(stride, i32.const(cached))))
        })
        b.set(entry, i32.add(entry, i32.const(4 * blockWords)))
      })
      b.if(word('scatter'), () => b.run(invoke(scatter, [args, c, result, row, rows, column])))
    })
  })
}
