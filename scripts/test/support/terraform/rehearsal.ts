/**
 * A plan of an environment without any provider: the roots, the stack and the variables of all modules as they are, no
 * resources, and outputs that are made up. Terraform itself then judges types, arguments and validations.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { terraformFolder } from './configuration.ts';

const run = promisify(execFile);

export interface Rehearsal {
  /** What is wrong, without line breaks; empty when the plan is good. */
  plan(environment: string, change?: Change): Promise<string>;
  remove(): void;
}

export interface Change {
  /** Arguments that the environment gives to the stack instead of its own. */
  readonly stack?: Readonly<Record<string, unknown>>;
  /** Variables of the environment instead of those of terraform.tfvars.example. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Outputs whose form matters to who uses them. */
const forms: readonly (readonly [RegExp, string])[] = [
  [/_subnet_ids$/, '{ a = "subnet-a", b = "subnet-b", c = "subnet-c" }'],
  [/^(secret|role)_arns$|^repository_urls$|^log_group_names$/, '{ a = "a" }'],
  [/^member_clusters$/, '["a-001"]'],
];

export function prepareRehearsal(): Rehearsal {
  const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-terraform-'));
  cpSync(join(terraformFolder, 'modules'), join(folder, 'modules'), { recursive: true });
  for (const name of readdirSync(join(folder, 'modules')))
    reduceModule(join(folder, 'modules', name), name === 'stack');
  const ready = new Map<string, Promise<unknown>>();

  return {
    async plan(environment, { stack = {}, variables = {} } = {}) {
      const place = join(folder, 'environments', environment);
      if (!ready.has(environment)) ready.set(environment, prepareRoot(place, environment));
      await ready.get(environment);
      writeFileSync(join(place, 'override.tf.json'), JSON.stringify({ module: { stack } }));
      writeFileSync(join(place, 'change.tfvars.json'), JSON.stringify(variables));
      const files = ['-var-file=terraform.tfvars.example', '-var-file=change.tfvars.json'];
      return terraform(place, 'plan', '-input=false', '-lock=false', ...files);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Keeps variables and, of the stack, its calls; providers and resources go. */
function reduceModule(module: string, isStack: boolean): void {
  rmSync(join(module, 'versions.tf'));
  if (isStack) return;
  const names = readdirSync(module).filter((name) => name.endsWith('.tf'));
  for (const name of names) if (name !== 'variables.tf' && name !== 'outputs.tf') rmSync(join(module, name));
  const outputs = readFileSync(join(module, 'outputs.tf'), 'utf8').matchAll(/^output "(\w+)"/gm);
  const madeUp = [...outputs].map(([, name = '']) => {
    const form = forms.find(([pattern]) => pattern.test(name))?.[1] ?? `"${name}"`;
    return `output "${name}" {\n  value = ${form}\n}\n`;
  });
  writeFileSync(join(module, 'outputs.tf'), madeUp.join(''));
}

async function prepareRoot(place: string, environment: string): Promise<void> {
  cpSync(join(terraformFolder, 'environments', environment), place, {
    recursive: true,
    filter: (source) => !/^\.terraform|^versions\.tf$|\.tfvars$|^backend\.hcl$/.test(basename(source)),
  });
  const said = await terraform(place, 'init', '-backend=false', '-input=false');
  if (said !== '') throw new Error(said);
}

/** What terraform prints when it fails; empty when it does not. */
export async function terraform(cwd: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  const color = args[0] === 'fmt' ? [] : ['-no-color'];
  try {
    await run('terraform', [...args, ...color], { cwd, env });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    const said = `${stdout ?? ''}${stderr ?? ''}`.replaceAll(/[│╷╵\s]+/g, ' ').trim();
    return said === '' ? String(error) : said;
  }
}
