/**
 * An ESLint rule for tests: no loop over a result that holds the assertions. Such a loop asserts nothing of an empty
 * result, and nothing of the entries that are missing. What it finds: a loop whose body calls `expect`, over what was read
 * from a tensor (`toTypedArray`, `toArray`, ...), or by index over anything but a list that is written down; unless an
 * assertion before it counts the entries.
 * `expectClose` (test/expectClose.ts) and `toEqual` compare how many entries there are as well.
 */
const readers = new Set(['toTypedArray', 'toArray', 'elements', 'flat', 'leaves', 'list'])

const walk = (node, visit) => {
  if (node === null || typeof node !== 'object') return
  if (Array.isArray(node)) {
    for (const n of node) walk(n, visit)
    return
  }
  if (typeof node.type !== 'string') return
  visit(node)
  for (const [key, value] of Object.entries(node)) if (key !== 'parent') walk(value, visit)
}

const some = (node, test) => {
  let found = false
  walk(node, (n) => (found ||= test(n)))
  return found
}

const asserts = (node) => some(node, (n) => n.type === 'CallExpression' && n.callee.type === 'Identifier' && n.callee.name === 'expect')

const isReader = (n) =>
  n.type === 'CallExpression' &&
  ((n.callee.type === 'MemberExpression' && readers.has(n.callee.property.name)) ||
    (n.callee.type === 'Identifier' && readers.has(n.callee.name)))

/** A list that is written down where it stands has as many entries as one sees. */
const isWritten = (node) =>
  node.type === 'ArrayExpression'
    ? !node.elements.some((e) => e?.type === 'SpreadElement')
    : node.type === 'TSAsExpression' || node.type === 'TSSatisfiesExpression'
      ? isWritten(node.expression)
      : false

/** What a constant was initialised with, or the expression itself. */
export const initialOf = (node, scope) => {
  if (node.type !== 'Identifier') return node
  for (let s = scope; s !== null; s = s.upper) {
    const variable = s.set.get(node.name)
    if (variable === undefined) continue
    const [definition] = variable.defs
    const { init, id } = definition?.type === 'Variable' ? definition.node : {}
    return init !== null && init !== undefined && id.type === 'Identifier' ? init : node
  }
  return node
}

/** `x` of `x.toTypedArray()`, of `x.slice(1)`, of `flat(x)`, of `[...x]`. */
const baseOf = (node) => {
  switch (node?.type) {
    case 'Identifier':
      return node.name
    case 'CallExpression':
      return node.callee.type === 'Identifier' ? baseOf(node.arguments[0]) : baseOf(node.callee)
    case 'MemberExpression':
      return baseOf(node.object)
    case 'ArrayExpression':
      return baseOf(node.elements[0])
    case 'SpreadElement':
      return baseOf(node.argument)
    default:
      return node?.expression === undefined ? null : baseOf(node.expression)
  }
}

/** Whether the blocks around a loop assert how many entries the list has: `expect(x.length)`, `expect(x.shape)`. */
const isCounted = (loop, over) => {
  const base = baseOf(over)
  if (base === null) return false
  const counts = (statement) =>
    asserts(statement) &&
    some(
      statement,
      (m) => m.type === 'MemberExpression' && ['length', 'shape', 'size'].includes(m.property.name) && baseOf(m.object) === base,
    )
  for (let n = loop; n.parent !== undefined && n.parent !== null; n = n.parent)
    if (
      n.parent.type === 'BlockStatement' &&
      n.parent.body.slice(0, n.parent.body.indexOf(n)).some((s) => s.type === 'ExpressionStatement' && counts(s))
    )
      return true
  return false
}

const names = (node, name) => some(node, (n) => n.type === 'Identifier' && n.name === name)

export const resultLoops = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      loop: 'A loop over a result asserts nothing when the result is empty: compare with `expectClose` (test/expectClose.ts) or `toEqual`.',
    },
  },
  create(context) {
    const check = (node, over, body, indices) => {
      if (!asserts(body)) return
      const list = initialOf(over, context.sourceCode.getScope(node))
      if (isWritten(list) || isCounted(node, over)) return
      if (some(list, isReader) || indices.some((i) => names(body, i))) context.report({ node, messageId: 'loop' })
    }
    return {
      CallExpression(node) {
        const {
          callee,
          arguments: [f],
        } = node
        if (callee.type !== 'MemberExpression' || callee.property.name !== 'forEach' || f === undefined || !/Function/.test(f.type)) return
        const index = f.params[1]
        check(node, callee.object, f.body, index?.type === 'Identifier' ? [index.name] : [])
      },
      ForOfStatement(node) {
        const entry = node.left.declarations?.[0]?.id
        const counted =
          node.right.type === 'CallExpression' && node.right.callee.property?.name === 'entries' && node.right.arguments.length === 0
        const index = counted && entry?.type === 'ArrayPattern' ? entry.elements[0] : null
        check(node, counted ? node.right.callee.object : node.right, node.body, index?.type === 'Identifier' ? [index.name] : [])
      },
      ForStatement(node) {
        // `for (let i = 0; i < got.length; i++) expect(got[i])...`
        const index = node.init?.declarations?.[0]?.id?.name
        walk(node.test, (n) => {
          if (n.type !== 'MemberExpression' || n.property.name !== 'length' || n.object.type !== 'Identifier') return
          const entry = some(
            node.body,
            (m) => m.type === 'MemberExpression' && m.computed && m.object.name === n.object.name && names(m.property, index),
          )
          if (entry) check(node, n.object, node.body, [index])
        })
      },
    }
  },
}
