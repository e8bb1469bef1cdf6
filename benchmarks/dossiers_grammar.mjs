// Run by benchmarks/dossiers.py: checks the English documents of a folder with harper.js; writes findings as JSON.
import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { pathToFileURL } from 'url';

const [modules, folder] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(join(modules, 'harper.js', 'dist', name)).href);
const { LocalLinter, Dialect } = await from('index.js');
const { binaryInlined } = await from('binaryInlined.js');
const linter = new LocalLinter({ binary: binaryInlined, dialect: Dialect.British });
await linter.setup();
const found = [];
for (const file of readdirSync(folder).sort().filter((name) => name.endsWith('.en.md'))) {
  const text = readFileSync(join(folder, file), 'utf8');
  for (const lint of await linter.lint(text, { language: 'markdown' })) {
    const at = lint.span();
    const near = text.slice(Math.max(0, at.start - 60), at.end + 60).replaceAll('\n', ' ');
    found.push({ file, kind: lint.lint_kind(), text: lint.get_problem_text(), said: lint.message(), near });
  }
}
console.log(JSON.stringify(found));
