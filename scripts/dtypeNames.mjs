/**
 * An ESLint rule: nothing asks for a dtype by its name. `x.dtype === 'float64'` says neither why it asks nor what holds for a dtype that
 * is new; a trait (`dtypes[d].wide`), a predicate (`isReal`) or a table that is total by type does. What it finds: comparisons, cases and
 * lists asked for what they hold, with a name that is written there or is what a constant of the file stands for.
 * A name as a value is no comparison: `cast(x, 'float32')`.
 */
import { initialOf } from './resultLoops.mjs'

/** Every dtype; the test of the rule holds it against the table of dtypes. */
export const names = ['bool', 'uint32', 'int32', 'float32', 'float64']

const comparisons = new Set(['===', '!==', '==', '!='])
const questions = new Set(['includes', 'indexOf', 'has'])

/** The expression without what only types need. */
const bare = (node) =>
  ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSTypeAssertion'].includes(node.type) ? bare(node.expression) : node

export const dtypeNames = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      name: 'Ask for what a dtype is, not for its name: isReal, isBool, dtypes[d].wide, or a Record of every DType (src/core/dtype.ts).',
    },
  },
  create(context) {
    const resolved = (node) => bare(initialOf(bare(node), context.sourceCode.getScope(node)))
    const isName = (node) => {
      const { type, value } = resolved(node)
      return type === 'Literal' && names.includes(value)
    }
    /** A list of names, or a set of one. */
    const isList = (node) => {
      const list = resolved(node)
      if (list.type === 'ArrayExpression') return list.elements.some((e) => e !== null && e.type !== 'SpreadElement' && isName(e))
      return list.type === 'NewExpression' && list.arguments.length > 0 && isList(list.arguments[0])
    }
    return {
      BinaryExpression(node) {
        if (comparisons.has(node.operator) && (isName(node.left) || isName(node.right))) context.report({ node, messageId: 'name' })
      },
      SwitchCase(node) {
        if (node.test !== null && isName(node.test)) context.report({ node, messageId: 'name' })
      },
      CallExpression(node) {
        const { callee } = node
        if (callee.type === 'MemberExpression' && questions.has(callee.property.name) && isList(callee.object))
          context.report({ node, messageId: 'name' })
      },
    }
  },
}
