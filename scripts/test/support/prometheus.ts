/** A real Prometheus for tests, and what an expression of PromQL names. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parser } from '@prometheus-io/lezer-promql';
import { pickPort } from '../../postgres/port.ts';

/** Names of the metrics that an expression selects. */
export function metricsOf(expression: string): string[] {
  const names: string[] = [];
  parser.parse(expression).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) throw new Error(`${expression} is no PromQL at ${from}`);
      if (type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector')
        names.push(expression.slice(from, to));
    },
  });
  return names;
}

/** Throws with what promtool says. */
export const promtool = (cwd: string, ...args: string[]): string =>
  execFileSync('promtool', args, { cwd, encoding: 'utf8', stdio: 'pipe' });

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface Prometheus {
  /** An instant query. Throws where Prometheus refuses it. */
  query(expression: string): Promise<readonly Sample[]>;
  /** Names of the rules that it has loaded, each with its health. */
  rules(): Promise<ReadonlyMap<string, string>>;
  stop(): Promise<void>;
}

/** @param jobs where each job is: `127.0.0.1:9103` */
export async function startPrometheus(
  rulesFile: string,
  jobs: Readonly<Record<string, string>>,
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-prometheus-'));
  cpSync(rulesFile, join(folder, 'alerts.yaml'));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['alerts.yaml'],
    scrape_configs: Object.entries(jobs).map(([job, target]) => ({
      job_name: job,
      static_configs: [{ targets: [target] }],
    })),
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const port = await pickPort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  const origin = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    if (await fetch(`${origin}/-/ready`).then((r) => r.ok, () => false)) break; // prettier-ignore
    if (child.exitCode !== null || Date.now() > end) throw new Error('Prometheus did not start');
  }
  const ask = async <T>(path: string): Promise<T> => {
    const answer = (await (await fetch(`${origin}/api/v1/${path}`)).json()) as { data?: T; error?: string };
    if (answer.data === undefined) throw new Error(`${path}: ${answer.error ?? ''}`);
    return answer.data;
  };
  return {
    async query(expression) {
      const { result } = await ask<{ result: Sample[] }>(`query?query=${encodeURIComponent(expression)}`);
      return result;
    },
    async rules() {
      const { groups } = await ask<{ groups: { rules: { name: string; health: string }[] }[] }>('rules');
      return new Map(groups.flatMap(({ rules }) => rules.map(({ name, health }) => [name, health])));
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
