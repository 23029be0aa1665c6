/** A routine is an optimisation of its definition: a backend without any routine is a backend. */
import { describe, expect, it } from 'vitest'
import { backend as lawsOf } from '../../laws/backend.js'
import { reference, wasm } from '../../src/index.js'
import type { Program } from '../../src/index.js'
import type { Backend } from '../../src/extend.js'
import { optimize } from '../../src/ir/optimize.js'
import { define } from '../../src/ir/passes/define.js'
import { everyProgram, throughout } from '../../src/ir/passes/pass.js'
import { primitives } from '../../src/prim/all.js'

const routines = Object.values(primitives).filter(({ lower }) => lower.kind === 'routine')

const everywhere = throughout((program: Program) => define(program, () => false))

/** A backend that is given definitions only. */
const defined = (backend: Backend): Backend => ({
  ...backend,
  name: `${backend.name} without routines`,
  compile: (program, options) => {
    const whole = everywhere(program)
    everyProgram(whole, ({ equations }) => {
      expect(equations.filter((e) => e.prim.lower.kind === 'routine')).toEqual([])
    })
    return backend.compile(optimize(whole), options)
  },
})

describe('definitions of routines', () => {
  it('are there for all of them', () => {
    expect(routines.map((p) => p.name).sort()).toEqual(
      ['conv', 'cummax', 'cummin', 'cumprod', 'cumsum', 'dotGeneral', 'scatter', 'scatterReduce', 'sort', 'split'].sort(),
    )
  })
  it.each(routines.map((p) => p.name))('%s is its definition, on the reference', (name) => {
    lawsOf(defined(reference), { only: [name], numRuns: 40, large: false })
  })
  it.each(routines.map((p) => p.name))('%s is its definition, on wasm', (name) => {
    lawsOf(defined(wasm), { only: [name], numRuns: 20, large: false })
  })
})
