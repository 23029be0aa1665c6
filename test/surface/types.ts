/** The judge of what may be accepted: TypeScript's own answer whether a parameter's type admits a value of a kind. */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { Kind } from './kinds.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What is known of a parameter. */
export interface Parameter {
  readonly name: string
  /** What it is called in any overload. */
  readonly names: ReadonlySet<string>
  /** Kinds that its type admits, in any overload. */
  readonly admits: ReadonlySet<Kind>
  /** An options record can stand here. */
  readonly options: boolean
  /** What a record that stands here may have: its options, or its fields. */
  readonly keys: ReadonlySet<string>
}

/** Parameters by position for every function of an entry. */
export type Signatures = ReadonlyMap<string, readonly Parameter[]>

const withoutCache = ({ tsBuildInfoFile: _, incremental: __, ...options }: ts.CompilerOptions): ts.CompilerOptions => options

const optionsFile = `${root}test/surface/kinds.ts`

/** Entry -> function -> parameters. */
export const signaturesOf = (entries: readonly string[]): ReadonlyMap<string, Signatures> => {
  const config = ts.readConfigFile(`${root}tsconfig.json`, (f) => ts.sys.readFile(f)).config as object
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const fileOf = (entry: string): string => `${root}${entry === 'laws' ? 'laws/index' : entry === 'laws/laws' ? entry : `src/${entry}`}.ts`
  const program = ts.createProgram([...entries.map(fileOf), optionsFile], withoutCache(options))
  const checker = program.getTypeChecker()
  const exportsOf = (file: string): readonly ts.Symbol[] =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!)
  const table = exportsOf(optionsFile).find((s) => s.name === 'Kinds')!
  const kinds = checker
    .getDeclaredTypeOfSymbol(table)
    .getProperties()
    .map((p) => ({ kind: p.name as Kind, type: checker.getTypeOfSymbol(p) }))

  const admits = (target: ts.Type): ReadonlySet<Kind> => {
    const bound = target.flags & ts.TypeFlags.TypeParameter ? checker.getBaseConstraintOfType(target) : target
    if (bound === undefined || bound.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return new Set(kinds.map((k) => k.kind))
    return new Set(kinds.filter((k) => checker.isTypeAssignableTo(k.type, bound)).map((k) => k.kind))
  }
  const isRecordType = (type: ts.Type): boolean =>
    (type.isUnion() ? type.types : [type]).some(
      (t) =>
        (t.flags & ts.TypeFlags.Object) !== 0 &&
        t.getCallSignatures().length === 0 &&
        !checker.isArrayType(t) &&
        !checker.isTupleType(t) &&
        t.getProperties().length > 0 &&
        t.getProperties().every((p) => (p.flags & ts.SymbolFlags.Optional) !== 0),
    )
  /** The keys of plain records: those of classes and arrays are methods. */
  const keysOf = (type: ts.Type): readonly string[] =>
    (type.isUnion() ? type.types : [type])
      .filter((t) => (t.flags & ts.TypeFlags.Object) !== 0 && !checker.isArrayType(t) && !checker.isTupleType(t) && !t.isClass())
      .flatMap((t) => t.getProperties().map((p) => p.name))
  const parametersOf = (type: ts.Type): readonly Parameter[] => {
    const found: { name: string; names: Set<string>; admits: Set<Kind>; options: boolean; keys: Set<string> }[] = []
    for (const signature of type.getCallSignatures())
      signature.getParameters().forEach((p, i) => {
        const declaration = p.valueDeclaration
        const rest = declaration !== undefined && ts.isParameter(declaration) && declaration.dotDotDotToken !== undefined
        const given = checker.getTypeOfSymbol(p)
        const element = rest ? (checker.getIndexTypeOfType(given, ts.IndexKind.Number) ?? given) : given
        const optional = declaration !== undefined && ts.isParameter(declaration) && checker.isOptionalParameter(declaration)
        const slot = (found[i] ??= { name: p.name, names: new Set(), admits: new Set(), options: false, keys: new Set() })
        slot.names.add(p.name)
        for (const key of keysOf(element)) slot.keys.add(key)
        for (const kind of admits(element)) slot.admits.add(kind)
        if (optional || rest) slot.admits.add('undefined')
        slot.options ||= isRecordType(element)
      })
    return found
  }
  /**
   * What the source calls the parameters that a wrapper hides: `sumTo = dual((x, shape) => ...)` has the type of all dual functions, whose
   * parameters are x and y. Given data last, the second comes first.
   */
  const wrapped = (symbol: ts.Symbol): readonly (readonly string[])[] => {
    const { valueDeclaration: declared } = symbol
    const made = declared !== undefined && ts.isVariableDeclaration(declared) ? declared.initializer : undefined
    if (made === undefined || !ts.isCallExpression(made)) return []
    const inner = made.arguments.find((a) => ts.isArrowFunction(a) || ts.isFunctionExpression(a)) as ts.ArrowFunction | undefined
    const names = inner?.parameters.flatMap((p) => (ts.isIdentifier(p.name) ? [p.name.text] : [])) ?? []
    return names.map((name, i) => (i === 0 && names[1] !== undefined ? [name, names[1]] : [name]))
  }
  /** Of a function, and as `function().method` of the methods of what it returns. */
  const signatures = (symbol: ts.Symbol): readonly (readonly [string, readonly Parameter[]])[] => {
    const source = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const type = checker.getTypeOfSymbol(source)
    const hidden = wrapped(source)
    const methods = type.getCallSignatures().flatMap((signature) =>
      signature
        .getReturnType()
        .getProperties()
        .map((p) => [`${symbol.name}().${p.name}`, checker.getTypeOfSymbol(p)] as const)
        .filter(([, method]) => method.getCallSignatures().length > 0)
        .map(([name, method]) => [name, parametersOf(method)] as const),
    )
    const parameters = parametersOf(type).map((p, i) => ({ ...p, names: new Set([...p.names, ...(hidden[i] ?? [])]) }))
    return [[symbol.name, parameters], ...methods]
  }
  return new Map(entries.map((entry) => [entry, new Map(exportsOf(fileOf(entry)).flatMap(signatures))]))
}
