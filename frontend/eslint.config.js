import vue from 'eslint-plugin-vue'
import parser from '@typescript-eslint/parser'

// The type checker finds unknown names and unused variables; here are the rules that it does not know.
const rules = {
  complexity: ['error', 15],
  'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
  'no-console': 'error',
  'no-eval': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'prefer-const': 'error',
}

export default [
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**'] },
  ...vue.configs['flat/recommended'],
  { files: ['**/*.ts'], languageOptions: { parser }, rules },
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser } },
    rules: {
      ...rules,
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/attributes-order': 'off',
      'vue/require-default-prop': 'off',
      'vue/no-v-html': 'error',
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    ignores: ['src/data/client.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'fetch', message: 'src/data/client.ts alone talks to the API' }, { name: 'EventSource', message: 'use live() of src/data/client.ts' }],
    },
  },
]
