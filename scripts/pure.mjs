/**
 * Marks calls that initialise module constants as pure, so that a user's bundler can drop the unused ones:
 * `export const tanh = unary('tanh', ...)` becomes `export const tanh = /* @__PURE__ *\/ unary('tanh', ...)`.
 * Expression statements, which are there for their effect, stay as they are.
 */
import { readFile } from 'node:fs/promises'
import ts from 'typescript'

/** `text` with the marks inserted. */
export const markPure = (file, text) => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
  const places = []
  const visit = (node) => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) places.push(node.getStart(source))
    ts.forEachChild(node, visit)
  }
  for (const statement of source.statements)
    if (ts.isVariableStatement(statement))
      for (const { initializer } of statement.declarationList.declarations) if (initializer) visit(initializer)
  return [...new Set(places)].sort((a, b) => b - a).reduce((out, at) => `${out.slice(0, at)}/* @__PURE__ */ ${out.slice(at)}`, text)
}

/** The plugin for esbuild. */
export const pure = {
  name: 'pure',
  setup: (build) => {
    build.onLoad({ filter: /[\\/](src|laws)[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: markPure(path, await readFile(path, 'utf8')),
      loader: 'ts',
    }))
  },
}
