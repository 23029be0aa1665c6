/** The page about `adjoint/extend` says the truth: its blocks run, and its backend is one, in as few lines as it says. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import * as adjoint from 'adjoint'
import * as extend from 'adjoint/extend'
import * as laws from 'adjoint/laws'
import type { Backend } from '../src/extend.js'

const page = readFileSync(fileURLToPath(new URL('../docs/extend.md', import.meta.url)), 'utf8')
const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((m) => m[1]!)
const modules: Readonly<Record<string, unknown>> = { adjoint, 'adjoint/extend': extend, 'adjoint/laws': laws }

/** Runs a block as a module whose imports are this copy of the library; gives back what it exports. */
const run = (code: string): Readonly<Record<string, unknown>> => {
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } })
  const exports: Record<string, unknown> = {}
  const load = (name: string): unknown => modules[name] ?? expect.fail(`the page imports ${name}`)
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the code of a page of this repository
  new Function('require', 'exports', outputText)(load, exports)
  return exports
}

describe('docs/extend.md', () => {
  it('has a primitive, a pass and a backend', () => {
    expect(blocks).toHaveLength(3)
  })
  it.each([
    ['the primitive', 0],
    ['the pass', 1],
  ] as const)('%s passes its law', (_, k) => {
    run(blocks[k]!)
  })

  const most = 150
  it(`the backend takes at most ${most} lines and passes laws.backend`, () => {
    const before = adjoint.device()
    const backend = run(blocks[2]!)['js'] as Backend
    expect(adjoint.device()).toBe(before)
    expect(blocks[2]!.trimEnd().split('\n').length).toBeLessThanOrEqual(most)
    expect(backend.name).toBe('js')
    laws.laws.backend(backend, { numRuns: 10 })
  }, 600_000)
  it('the backend writes code: it does not leave elementwise equations to the reference', () => {
    const { js } = run(blocks[2]!) as { js: Backend }
    const { program } = adjoint.trace((x: adjoint.Tensor) => adjoint.np.sin(x), adjoint.shapeDtype([2], 'float32'))
    const { compile } = adjoint.reference
    const asked: string[] = []
    const spied = adjoint.reference as { compile: Backend['compile'] }
    spied.compile = (p, options) => {
      asked.push(...p.equations.map((e) => e.prim.name))
      return compile(p, options)
    }
    try {
      const [y] = js.compile(program, { donate: [] })([js.put(Float32Array.of(0, 1), program.inputs[0]!.aval)])
      expect([...(js.get(y, program.inputs[0]!.aval) as Float32Array)]).toEqual([0, Math.fround(Math.sin(1))])
    } finally {
      spied.compile = compile
    }
    expect(asked).toEqual([])
  })
})
