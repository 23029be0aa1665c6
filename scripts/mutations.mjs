/**
 * The places of a source file where one small change makes another program, as a programmer's slip would: an operator,
 * a constant, a branch, a statement or an argument. What is mutated is what runs: types, imports, texts and the words of
 * errors are left alone, for no result depends on them.
 */
import ts from 'typescript'

const K = ts.SyntaxKind

/** Operator -> what is written in its place. */
const operators = new Map([
  [K.PlusToken, '-'],
  [K.MinusToken, '+'],
  [K.AsteriskToken, '/'],
  [K.SlashToken, '*'],
  [K.PercentToken, '*'],
  [K.AsteriskAsteriskToken, '*'],
  [K.LessThanToken, '<='],
  [K.LessThanEqualsToken, '<'],
  [K.GreaterThanToken, '>='],
  [K.GreaterThanEqualsToken, '>'],
  [K.EqualsEqualsEqualsToken, '!=='],
  [K.ExclamationEqualsEqualsToken, '==='],
  [K.AmpersandAmpersandToken, '||'],
  [K.BarBarToken, '&&'],
  [K.LessThanLessThanToken, '>>'],
  [K.GreaterThanGreaterThanToken, '<<'],
  [K.GreaterThanGreaterThanGreaterThanToken, '<<'],
  [K.AmpersandToken, '|'],
  [K.BarToken, '&'],
  [K.CaretToken, '&'],
  [K.PlusEqualsToken, '-='],
  [K.MinusEqualsToken, '+='],
  [K.AsteriskEqualsToken, '/='],
])

/** Functions of tensors and of scalar expressions that are operators by another name -> what is called in their place. */
const functions = new Map(
  [
    ['add', 'sub'],
    ['mul', 'div'],
    ['max', 'min'],
    ['maximum', 'minimum'],
    ['lt', 'le'],
    ['gt', 'ge'],
    ['less', 'lessEqual'],
    ['greater', 'greaterEqual'],
  ].flatMap(([a, b]) => [
    [a, b],
    [b, a],
  ]),
)

/** Functions of two operands that may lose the second: a sum without its addend, a clamp without its bound. */
const droppable = new Set(['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'max', 'min'])

const calledName = (node) =>
  ts.isIdentifier(node.expression)
    ? node.expression
    : ts.isPropertyAccessExpression(node.expression) && ts.isIdentifier(node.expression.name)
      ? node.expression.name
      : null

/** Calls whose arguments are words: errors, and lines of text. */
const speaks = (node) => ['fail', 'broken', 'explain'].includes(calledName(node)?.text ?? '')

const isText = (node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)

const isSkipped = (node) =>
  ts.isTypeNode(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTemplateExpression(node)

const otherNumber = (text) => {
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isFinite(value)) return null
  return Number.isInteger(value) && Math.abs(value) < 2 ** 53 ? String(value + 1) : String(value * 1.01)
}

/** Whether the name is imported or declared in the file, or a member: only then can it be called in another's place. */
const callable = (source, called, other) => ts.isPropertyAccessExpression(called.parent) || new RegExp(`\\b${other}\\b`).test(source.text)

/**
 * All sites of a file: `{ file, start, end, text, what }`, in the order of the text. Replacing `[start, end)` by `text` makes the mutant.
 */
export const sitesOf = (file, text) => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const sites = []
  const put = (node, replacement, what, [start, end] = [node.getStart(source), node.getEnd()]) => {
    if (text.slice(start, end) !== replacement) sites.push({ file, start, end, text: replacement, what })
  }
  const of = (node) => text.slice(node.getStart(source), node.getEnd())

  const visit = (node) => {
    if (isSkipped(node)) return
    if (ts.isBinaryExpression(node)) {
      const other = operators.get(node.operatorToken.kind)
      const logical = other === '&&' || other === '||'
      // Beside `??` the other operator would be no syntax.
      if (logical && of(node.parent).includes('??')) return void ts.forEachChild(node, visit)
      if (other !== undefined && !(node.operatorToken.kind === K.PlusToken && (isText(node.left) || isText(node.right))))
        put(node.operatorToken, other, 'operator')
    }
    if (ts.isPrefixUnaryExpression(node)) {
      if (node.operator === K.ExclamationToken) put(node, of(node.operand), 'negation')
      if (node.operator === K.MinusToken) put(node, of(node.operand), 'sign')
    }
    if (ts.isNumericLiteral(node) && !(ts.isPropertyAssignment(node.parent) && node.parent.name === node)) {
      const other = otherNumber(node.text)
      if (other !== null) put(node, other, 'constant')
    }
    if (ts.isConditionalExpression(node)) put(node, `${of(node.condition)} ? ${of(node.whenFalse)} : ${of(node.whenTrue)}`, 'branches')
    if (ts.isIfStatement(node)) {
      put(node.expression, 'false', 'branch never')
      if (node.elseStatement !== undefined) put(node.expression, 'true', 'branch always')
    }
    if (ts.isExpressionStatement(node) && node.parent.kind !== K.SourceFile) put(node, ';', 'statement')
    if (ts.isBlock(node) && ts.isArrowFunction(node.parent) && node.statements.length > 1 && !ts.isReturnStatement(node.statements.at(-1)))
      put(node, 'return;', 'returned early', [node.statements[0].getStart(source), node.statements[0].getStart(source)])
    if (ts.isCallExpression(node)) {
      if (speaks(node)) return
      const called = calledName(node)
      const other = called === null ? undefined : functions.get(called.text)
      if (other !== undefined && node.arguments.length === 2 && callable(source, called, other)) put(called, other, 'function')
      if (called !== null && droppable.has(called.text) && node.arguments.length === 2) put(node, `(${of(node.arguments[0])})`, 'operand')
      const last = node.arguments.at(-1)
      if (node.arguments.length > 1 && !(called !== null && droppable.has(called.text)) && !ts.isArrowFunction(last) && !isText(last))
        put(node, '', 'argument', [node.arguments.at(-2).getEnd(), last.getEnd()])
    }
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(source, visit)
  return sites.sort((a, b) => a.start - b.start || a.end - b.end)
}

/** The text of a file with a mutation made. */
export const mutate = (text, { start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end)

/** The lines that a mutation changes, without their margins: what it is known by when lines move. */
export const diffOf = (text, site) => {
  const after = mutate(text, site)
  const from = text.lastIndexOf('\n', site.start - 1) + 1
  const until = (whole, at) => {
    const end = whole.indexOf('\n', at)
    return end < 0 ? whole.length : end
  }
  const trim = (part) => part.replace(/\s+/g, ' ').trim()
  return {
    line: text.slice(0, site.start).split('\n').length,
    before: trim(text.slice(from, until(text, site.end))),
    after: trim(after.slice(from, until(after, site.start + site.text.length))),
  }
}
