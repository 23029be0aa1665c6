import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { scope } from '../../src/core/errors.js'
import { scalar } from '../../src/core/tensor.js'
import { bind, bindAll } from '../../src/ir/bind.js'
import { none } from '../../src/ir/primitive.js'
import type { Tape } from '../../src/transforms/application.js'
import { escapeHtml, toDot } from '../../src/viz/dot.js'
import { toSvg } from '../../src/viz/svg.js'
import { add, both, call, cond, mul, programOf, reverse, tanh } from '../ir/toy.js'

const branches = [programOf((y) => bind(tanh, [y], none), [3]), programOf((y) => bind(reverse, [y], { axes: [0] }), [3])]
const program = programOf(
  (x) =>
    scope('mlp <1> & "co"', () => {
      const [s] = bindAll(both, [x, x], none)
      const c = bind(cond, [scalar(1, 'int32'), s!], { branches })
      return bind(add, [bind(call, [c], { program: branches[0]!, name: 'again' }), c], none)
    }),
  [3],
)

const tape: Tape = {
  nodes: [
    {
      prim: mul,
      params: none,
      ins: [program.inputs[0]!.aval, program.inputs[0]!.aval],
      outs: [program.inputs[0]!.aval],
      active: [true, false],
      saved: [null, scalar(2)],
      map: null,
      parents: [0, -1],
      out: 1,
    },
    {
      prim: tanh,
      params: none,
      ins: [program.inputs[0]!.aval],
      outs: [program.inputs[0]!.aval],
      active: [true],
      saved: [],
      map: null,
      parents: [1],
      out: 2,
    },
  ],
  inputs: [program.inputs[0]!.aval],
  outputs: [2],
  slots: 3,
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length

describe('toDot', () => {
  it('draws a program with the programs it holds', () => {
    expect(toDot(program)).toMatchSnapshot()
  })
  it('draws a tape', () => {
    expect(toDot(tape, { direction: 'LR', name: 'f "quoted"' })).toMatchSnapshot()
  })
  it('draws a program held twice once', () => {
    expect(count(toDot(program), /subgraph/g)).toBe(2)
  })
  it('escapes what scopes and names may contain', () => {
    expect(escapeHtml(`<a href="x">&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&#39;')
    expect(toDot(program)).toContain('mlp &lt;1&gt; &amp; &quot;co&quot;')
  })
  it('leaves out parameters and scopes on demand', () => {
    const bare = toDot(program, { params: false, scopes: false })
    expect(bare).not.toContain('axes=')
    expect(bare).not.toContain('mlp')
  })
})

describe('toSvg', () => {
  it.each<[string, Parameters<typeof toSvg>[0]]>([
    ['programs', program],
    ['tapes', tape],
    ['text', 'digraph { a -> b }'],
  ])('draws %s', async (_, source) => {
    const svg = await toSvg(source)()
    expect(E.isRight(svg) ? svg.right : svg.left.message).toContain('<svg')
  })
  it('says which package is missing', async () => {
    const svg = await toSvg(program, { load: () => import('@viz-js/' + 'absent') })()
    expect(svg).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'MissingPackage', message: expect.stringContaining('npm install @viz-js/viz') },
    })
  })
  it('says why a graph is refused', async () => {
    expect(await toSvg('digraph {')()).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'NotDrawn', message: expect.stringContaining('syntax error') },
    })
  })
})
