/** Every instruction that the encoder can write is read by another decoder as what its name says. */
import { describe, expect, it } from 'vitest'
import type { Body, Ex, Statement } from '../../../src/backend/wasm/code.js'
import * as instructions from '../../../src/backend/wasm/instructions.js'
import { moduleBuilder, own } from '../../../src/backend/wasm/module.js'
import type { Spelled } from './mnemonics.js'
import { any, mnemonics } from './mnemonics.js'
import { checked, textOf } from './wabt.js'

const { i32, i64, f32, f64, v128, select, call, invoke } = instructions

type Constructor = (...args: readonly unknown[]) => Ex | Statement

/** Operands of no type: behind `unreachable` anything may be missing on the stack. */
const nothing: Statement = { write: () => undefined }
/** Reads local `k`, whatever it holds. */
const reading = (k: number): Statement => ({
  write: (out) => {
    out.byte(0x20)
    out.u(k)
  },
})
const unreachable: Statement = {
  write: (out) => {
    out.byte(0x00)
  },
}

/** The instructions of the only function of a module, between its header and its end. */
const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((l) => l.trim().replace(/ *(\(;.*?;\)|;;.*)/g, ''))
    .filter((l) => l !== '' && !l.startsWith('('))
    .map((l) => l.replace(/\)+$/, ''))

const oneFunction = (build: (b: Body) => void): Uint8Array => {
  const m = moduleBuilder(true)
  m.func(null, ['i32', 'i32', 'i32'], null, build)
  return m.finish()
}

/** An instruction, and how many operands it was given, each made by `operand`. */
const applied = (make: Constructor, spelled: Spelled, operand: (k: number) => Statement) => {
  let count = 0
  const args = typeof spelled === 'string' ? Array.from({ length: make.length }, () => any) : spelled.slice(1)
  const x = make(...args.map((a) => (a === any ? operand(count++) : a)))
  return { x, count }
}

const constructors = Object.entries(mnemonics).flatMap(([table, row]) =>
  Object.entries(row).map(([name, spelled]) => {
    const make = (instructions as unknown as Readonly<Record<string, Readonly<Record<string, Constructor>>>>)[table]![name]!
    return { name: `${table}.${name}`, make, spelled }
  }),
)

describe('instructions', () => {
  it.each(constructors)('$name', ({ make, spelled }) => {
    // Operands in their order, then the instruction; their types are another matter.
    const { x, count } = applied(make, spelled, reading)
    const operands = Array.from({ length: count }, (_, k) => `local.get ${k}`)
    expect(linesOf(textOf(oneFunction((b) => b.run(x))))).toEqual([...operands, typeof spelled === 'string' ? spelled : spelled[0]])
    // The result has the type that is said.
    const result = applied(make, spelled, () => nothing).x
    const typed = oneFunction((b) => {
      b.run(unreachable)
      if ('type' in result) b.let(result)
      else b.run(result)
    })
    expect(() => checked(typed)).not.toThrow()
  })

  it('that choose: of every type, the test last', () => {
    const m = moduleBuilder(false)
    m.func(null, ['i32', 'i64', 'f32', 'f64', 'v128'], null, (b, ...xs) => {
      for (const x of xs) b.drop(select(xs[0], x, x))
    })
    const code = m.finish()
    checked(code)
    expect(linesOf(textOf(code))).toEqual(
      [0, 1, 2, 3, 4].flatMap((k) => [`local.get ${k}`, `local.get ${k}`, 'local.get 0', 'select', 'drop']),
    )
  })

  it.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 2 ** 20, 2 ** 31 - 1, -(2 ** 31)])('constant %d', (n) => {
    expect(linesOf(textOf(oneFunction((b) => b.drop(i32.const(n)))))).toEqual([`i32.const ${n}`, 'drop'])
  })

  it.each([
    [0, '0x0p+0'],
    [-0, '-0x0p+0'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
    [2 ** -126, '0x1p-126'],
    [1.5, '0x1.8p+0'],
  ])('constant %d in floating point', (x, text) => {
    expect(linesOf(textOf(oneFunction((b) => b.drop(f32.const(x)))))).toEqual([`f32.const ${text}`, 'drop'])
    expect(linesOf(textOf(oneFunction((b) => b.drop(f64.const(x)))))).toEqual([`f64.const ${text}`, 'drop'])
  })

  it.each([0, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32 - 16])('offset %d', (n) => {
    const code = oneFunction((b) => b.drop(i32.load(i32.const(0), n)))
    expect(linesOf(textOf(code))).toEqual(['i32.const 0', n === 0 ? 'i32.load' : `i32.load offset=${n}`, 'drop'])
  })
})

describe('bodies', () => {
  const lines = (build: (b: Body) => void): readonly string[] => {
    const code = oneFunction(build)
    checked(code)
    return linesOf(textOf(code))
  }
  const text = (s: string): readonly string[] =>
    s
      .split(/[\n;]/)
      .map((l) => l.trim())
      .filter((l) => l !== '')

  it('give values to locals, at once or before all else', () => {
    const made = lines((b) => {
      const x = b.let(i32.const(1))
      b.set(x, i32.add(x, x))
      b.first(v128.const(new Uint8Array(16)))
      b.local('f64')
    })
    expect(made).toEqual(
      text(`v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000; local.set 4
        i32.const 1; local.set 3; local.get 3; local.get 3; i32.add; local.set 3`),
    )
  })
  it('branch', () => {
    const made = lines((b) => {
      b.if(
        own,
        () => b.return(),
        () => b.drop(i32.const(2)),
      )
      b.if(own, () => b.drop(i32.const(3)))
    })
    expect(made).toEqual(text('global.get 0; if; return; else; i32.const 2; drop; end; global.get 0; if; i32.const 3; drop; end'))
  })
  it('repeat while a test holds', () => {
    const made = lines((b) => {
      b.while(
        () => own,
        () => b.drop(i32.const(1)),
      )
    })
    expect(made).toEqual(text('block; loop; global.get 0; i32.eqz; br_if 1; i32.const 1; drop; br 0; end; end'))
  })
  it('count', () => {
    const made = lines((b) => {
      b.loop(i32.const(0), i32.const(9), 2, (i) => b.drop(i))
    })
    expect(made).toEqual(
      text(`i32.const 0; local.set 3
        local.get 3; i32.const 9; i32.lt_s; if; loop; local.get 3; drop
        local.get 3; i32.const 2; i32.add; local.tee 3; i32.const 9; i32.lt_s; br_if 0; end; end`),
    )
  })
  it('forget vectors', () => {
    const made = lines((b) => {
      b.forgetting(() => b.let(v128.not(v128.load(i32.const(0)))))
    })
    expect(made.slice(-2)).toEqual(['local.get 4', 'local.set 3'])
  })
  it('call functions that they add', () => {
    const m = moduleBuilder(true)
    m.func('run', ['i32', 'i32', 'i32'], null, (b, x) => {
      const f = m.func(null, ['i32'], 'f64', (c) => c.return(f64.const(1)))
      const g = m.func(null, [], null, () => undefined)
      b.drop(i64.reinterpretF64(call('f64', f, [x])))
      b.run(invoke(g, []))
    })
    const code = m.finish()
    checked(code)
    const shown = textOf(code)
    expect(linesOf(shown)).toEqual(text('f64.const 0x1p+0; return; unreachable; local.get 0; call 0; i64.reinterpret_f64; drop; call 1'))
    expect(shown).toContain('(export "run" (func 2))')
    expect(shown).toContain('(import "env" "memory" (memory (;0;) 1 65536 shared))')
    expect(shown).toContain('(import "env" "own" (global (;0;) i32))')
  })
})
