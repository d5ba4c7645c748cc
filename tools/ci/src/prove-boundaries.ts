/**
 * Shows that the boundary rule is awake: lints imports that the architecture forbids, and some that it allows, as if
 * they stood in real files. A rule that is skipped, or a table that lost a line, turns this red while lint stays green.
 * Run it through Nx (`nx run tools-ci:boundaries`), which provides the project graph.
 */
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

interface Example {
  readonly file: string;
  readonly imports: string;
  readonly allowed: boolean;
}

const BOUNDARY_RULE = '@nx/enforce-module-boundaries';

const EXAMPLES: readonly Example[] = [
  { file: 'libs/sync-core/src/index.ts', imports: 'pg', allowed: false },
  { file: 'libs/sync-core/src/index.ts', imports: 'typeorm', allowed: false },
  { file: 'libs/sync-core/src/index.ts', imports: '@nestjs/common', allowed: false },
  { file: 'libs/sync-core/src/index.ts', imports: '@astro/jobs', allowed: false },
  { file: 'libs/pgoutput/src/index.ts', imports: '@astro/runtime', allowed: false },
  { file: 'libs/catalogue/src/index.ts', imports: 'ioredis', allowed: false },
  { file: 'libs/catalogue/src/index.ts', imports: '@astro/ledger', allowed: false },
  { file: 'libs/catalogue/src/index.ts', imports: '@astro/sync-core', allowed: true },
  { file: 'libs/ledger/src/index.ts', imports: '@astro/capture', allowed: false },
  { file: 'libs/ledger/src/index.ts', imports: '@astro/testing', allowed: false },
  { file: 'libs/ledger/src/index.ts', imports: '@astro/catalogue', allowed: true },
  { file: 'libs/runtime/src/index.ts', imports: '@astro/entities', allowed: false },
];

// Without type information one lint takes milliseconds; the boundary rule needs none.
const eslint = new ESLint({
  overrideConfig: tseslint.configs.disableTypeChecked,
  ruleFilter: ({ ruleId }) => ruleId === BOUNDARY_RULE,
});
const wrong: string[] = [];
for (const example of EXAMPLES) {
  const refused = await refusal(example);
  if (example.allowed === (refused === null)) continue;
  wrong.push(`${example.file} may${example.allowed ? '' : ' not'} import ${example.imports}: ${refused ?? 'accepted'}`);
}
if (wrong.length > 0) {
  console.error(
    `The module boundaries are not enforced as docs/architecture/01-overview.md says:\n${wrong.join('\n')}`,
  );
  process.exitCode = 1;
} else {
  console.log(`Module boundaries hold: ${EXAMPLES.length} examples judged as expected.`);
}

/** What the boundary rule says about the import, or null when it accepts it. */
async function refusal({ file, imports }: Example): Promise<string | null> {
  const [result] = await eslint.lintText(`import * as it from '${imports}';\nexport const used = it;\n`, {
    filePath: file,
  });
  const message = result?.messages.find(({ ruleId }) => ruleId === BOUNDARY_RULE || ruleId === null);
  return message?.message ?? null;
}
