/** Programs as nodes, equation by equation. */
import { DeviceError, fail, scope } from '../../core/errors.js'
import type { Params } from '../../ir/primitive.js'
import { printEquation } from '../../ir/print.js'
import type { Atom, Equation, Program } from '../../ir/program.js'
import { trace } from '../../ir/trace.js'
import { s } from '../../kernel/scalar.js'
import type { Builder, GraphValue } from './builder.js'
import type { LoweringSite } from './rule.js'
import { scalarNodes } from './scalars.js'
import type { OnnxLowering } from './table.js'
import { table } from './table.js'

const lowerings: Readonly<Record<string, OnnxLowering<Params> | undefined>> = table as Readonly<Record<string, OnnxLowering<Params>>>

/** The primitive's own definition: scalar expressions, other primitives, or the input itself; undefined when it is a routine of backends. */
const defined = ({ prim }: Equation, site: LoweringSite): readonly GraphValue[] | undefined => {
  const { b, values, ins, outs, params } = site
  const { lower } = prim
  switch (lower.kind) {
    case 'scalar': {
      const inputs = ins.map((a, k) => {
        const known = values[k]!.constant
        return known === undefined ? s.input(k, a.dtype) : s.const(known, a.dtype)
      })
      const body = lower.body(inputs, params, outs)
      return scalarNodes(b, 'op' in body ? [body] : body, values)
    }
    case 'inline': {
      const { program, captures } = trace(prim.name, (xs) => lower.run(xs, params), ins)
      if (captures.length > 0) return undefined
      return site.run(program, values)
    }
    case 'alias':
      return values[0]!.shape.length === 0 || outs[0] === ins[0] ? [values[0]!] : undefined
    default:
      return undefined
  }
}

/** The nodes of `program` applied to `inputs`: its outputs, as they are held. */
export const lower = (b: Builder, program: Program, inputs: readonly GraphValue[]): readonly GraphValue[] => {
  const env = new Map<number, GraphValue>()
  program.inputs.forEach((v, k) => env.set(v.id, inputs[k]!))
  const read = (a: Atom): GraphValue => (a.kind === 'literal' ? b.scalar(a.value, a.aval.dtype) : env.get(a.id)!)
  const refuse = (e: Equation, why: string, fix: string): never =>
    fail(DeviceError, `toOnnx: ${e.prim.name} cannot be exported: ${why}`, { args: { equation: printEquation(program, e) }, fix })

  const nodesOf = (e: Equation): readonly GraphValue[] => {
    const values = e.inputs.map(read)
    const ins = e.inputs.map((a) => a.aval)
    const site: LoweringSite = {
      b,
      values,
      ins,
      outs: e.outputs.map((v) => v.aval),
      params: e.params,
      whole: (k) => b.whole(values[k]!, ins[k]!.shape),
      run: (inner, xs) => lower(b, inner, xs),
    }
    const known = Object.hasOwn(lowerings, e.prim.name) ? lowerings[e.prim.name]! : 'kernel'
    if (typeof known === 'object') return refuse(e, known.unsupported, known.fix)
    return (
      (known === 'kernel' ? null : known(site)) ??
      defined(e, site) ??
      refuse(e, 'it is a primitive of yours that only backends know', "give it a lowering of kind 'scalar' or 'inline'")
    )
  }

  for (const e of program.equations) {
    const outputs = b.scoped(e.scope, () => (e.scope === '' ? nodesOf(e) : scope(e.scope, () => nodesOf(e))))
    e.outputs.forEach((v, k) => env.set(v.id, outputs[k]!))
  }
  return program.outputs.map(read)
}
