// Lints of the interface. The bans are promises: no injected markup, no clock but our own,
// Tauri behind one file, and no feature that reaches into another.
import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

const clockOnly = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: "Read the time through lib/clock.ts.",
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Read the time through lib/clock.ts.",
  },
  {
    selector: "MemberExpression[property.name='startViewTransition']",
    message: "View transitions crash WebKitGTK.",
  },
];

export default ts.config(
  { ignores: ["dist", "node_modules", "src/ipc/bindings"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      "no-restricted-syntax": ["error", ...clockOnly],
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["@tauri-apps/*"], message: "Only ipc/tauri.ts knows Tauri." }] },
      ],
      "no-console": "error",
      eqeqeq: "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: {
      parserOptions: { extraFileExtensions: [".svelte"], parser: ts.parser, svelteConfig },
    },
    rules: {
      "svelte/no-at-html-tags": "error",
      "svelte/require-each-key": "error",
      // What is not shown needs no reactive collections.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  { files: ["src/ipc/tauri.ts"], rules: { "no-restricted-imports": "off" } },
  { files: ["src/lib/clock.ts"], rules: { "no-restricted-syntax": "off" } },
);
