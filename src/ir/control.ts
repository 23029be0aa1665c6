/** Control flow as data: what a primitive that holds Programs does with them, for whoever runs or rewrites it. */
import type { ControlForm, Equation, Program } from './primitive.js'

/** The form of an equation that holds Programs; `null` for all others. */
export const controlOf = ({ prim: { lower }, params }: Pick<Equation, 'prim' | 'params'>): ControlForm | null =>
  lower.kind === 'control' ? lower.form(params) : null

/** The Programs of a form, in the order of their names in it. */
export const programsOf = (form: ControlForm): readonly Program[] => {
  switch (form.kind) {
    case 'call':
      return [form.program]
    case 'cond':
      return form.branches
    case 'while':
      return [form.cond, form.body]
    case 'scan':
      return [form.body]
  }
}
