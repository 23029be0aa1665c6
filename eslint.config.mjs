import functional from 'eslint-plugin-functional'
import { defineConfig } from 'eslint/config'
import ts from 'typescript-eslint'
import { dtypeNames } from './scripts/dtypeNames.mjs'
import { resultLoops } from './scripts/resultLoops.mjs'

/** Formulas: no assignment at all. Interpreters keep a tape, kernels and backends fill buffers, trees are walked: there loops are the work. */
const formulas = ['src/losses/**', 'src/metrics/**', 'src/optim/**', 'src/nn/**']
/** Errors are thrown by `fail` alone, and nothing has methods that need `this`. */
const plain = ['src/!(core)/**']

export default defineConfig(
  { ignores: ['dist/', 'docs/api/', 'coverage/', 'out/', 'node_modules/'] },
  {
    files: ['{src,laws,test,bench,examples}/**/*.ts'],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { functional },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
        { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['{src,laws}/**/*.ts'],
    rules: {
      // `any` cannot be written without a reason; where a declared one (AnyPrimitive) passes through, nothing is gained by repeating it.
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/prefer-readonly': 'error',
      'functional/no-classes': ['error', { ignoreIdentifierPattern: '^(Tensor|\\w*Error)$' }],
    },
  },
  {
    files: plain,
    rules: {
      'functional/no-this-expressions': 'error',
      'functional/no-throw-statements': ['error', { allowToRejectPromises: true }],
    },
  },
  {
    files: formulas,
    rules: {
      'functional/no-let': 'error',
      'functional/no-loop-statements': 'error',
      'functional/immutable-data': [
        'error',
        { ignoreImmediateMutation: true, ignoreNonConstDeclarations: { treatParametersAsConst: true } },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/core/dtype.ts', 'src/backend/**', 'src/io/**'],
    plugins: { adjoint: { rules: { 'dtype-names': dtypeNames } } },
    rules: { 'adjoint/dtype-names': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    plugins: { adjoint: { rules: { 'result-loops': resultLoops } } },
    rules: { 'adjoint/result-loops': 'error' },
  },
  {
    // What the compiler says of TypeScript nobody says of scripts.
    files: ['**/*.mjs'],
    rules: {
      'no-dupe-keys': 'error',
      'no-dupe-else-if': 'error',
      'no-duplicate-case': 'error',
      'no-unreachable': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['{test,bench,examples}/**/*.ts'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
)
