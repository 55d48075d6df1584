/** Alerts, dashboards and traces against the real system: what they name is what our processes expose. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DocumentReference, Media, Patient, Task } from '@medplum/fhirtypes';
import { parse } from 'yaml';
import {
  type CollectedSpan,
  type Collector,
  startCollector,
  tracedBy,
} from '../../fhir-server/test/support/collector.ts';
import { program, testWith } from '../../fhir-server/test/support/requirement.ts';
import { root } from '../pinned-node.ts';
import { pickPort } from '../postgres/port.ts';
import { metricsOf, promtool, startPrometheus } from './support/prometheus.ts';
import { startWholeSystem, type WholeSystem } from './support/whole-system.ts';

const folder = join(root, 'k8s/observability');
const rulesFolder = join(folder, 'prometheus');
const dashboards = join(folder, 'grafana/dashboards');
const MARKER = 'Zzyzxmarker';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook: string };
}
interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly title: string;
    readonly datasource: { readonly uid: string };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const { groups } = parse(read('prometheus/alerts.yaml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const boards = readdirSync(dashboards).map(
  (file) => JSON.parse(readFileSync(join(dashboards, file), 'utf8')) as Dashboard,
);
/** Grafana puts its own interval in. */
const expressions = [
  ...rules.map(({ alert, expr }) => ({ of: alert, expr })),
  ...boards.flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({
        of: `${uid}: ${title}`,
        expr: expr.replaceAll('$__rate_interval', '30s'),
      })),
    ),
  ),
];

let system: WholeSystem;
let collector: Collector;
let jobs: Readonly<Record<string, string>>;
let patient: Patient;
let media: Media;

const transcript = `Doctor: Good morning ${MARKER}, what brings you in today?
Patient: I have had a cough and a fever for three days.
Doctor: Any chest pain?
Patient: No chest pain.
Doctor: You have acute bronchitis. Please take ibuprofen 400 mg three times a day.`;

beforeAll(async () => {
  collector = await startCollector();
  const [api, worker] = [await pickPort(), await pickPort()];
  system = await startWholeSystem({
    ...tracedBy(collector),
    METRICS_PORT: String(api),
    WORKER_PORT: String(worker),
  });
  jobs = {
    'dr-assistant-api': `127.0.0.1:${api}`,
    'dr-assistant-worker': `127.0.0.1:${worker}`,
    'dr-assistant-bots': `127.0.0.1:${system.botPort}`,
  };
  patient = await system.call<Patient>('POST', 'Patient', {
    resourceType: 'Patient',
    name: [{ family: MARKER }],
  });
  media = await system.call<Media>('POST', 'Media', {
    resourceType: 'Media',
    status: 'completed',
    subject: { reference: `Patient/${patient.id}` },
    note: [{ text: MARKER }],
    content: { contentType: 'text/plain', title: MARKER, data: btoa(transcript) },
  });
  await system.find<Task>(
    `Task?identifier=https://dr-assistant.example/fhir/NamingSystem/visit-scribe-task|Media/${media.id}`,
    (found) => found[0]?.status === 'completed',
    30_000,
  );
}, 280_000);

afterAll(async () => {
  await system.stop();
  await collector.close();
}, 60_000);

describe('Of one visit', () => {
  const inTrace = (traceId: string) => (span: CollectedSpan) => span.traceId === traceId;
  const posted = (span: CollectedSpan): boolean =>
    span.name === 'create POST /fhir/R4/{type}' && span.attributes['fhir.resource_type'] === 'Media';

  /** The first ancestor that another process has made. */
  function callerOf(span: CollectedSpan): CollectedSpan | undefined {
    for (let at: CollectedSpan | undefined = span; at !== undefined;) {
      const { parentSpanId: id, service }: CollectedSpan = at;
      at = collector.spans.find(({ spanId }) => spanId === id);
      if (at !== undefined && at.service !== service) return at;
    }
    return undefined;
  }

  test('one trace leads from the request through statement, delivery, bot, stage and provider to what the bot writes.', async () => {
    // The demo has visits of its own; this one is the last that was posted.
    await collector.find('the bot’s run', (s) => s.name === 'bot visit-scribe resource');
    const post = collector.spans.findLast(posted);
    expect(post?.service).toBe('dr-assistant-api');
    const here = inTrace(post?.traceId ?? '');
    const find = (what: string, isIt: (span: CollectedSpan) => boolean) =>
      collector.find(what, (s) => here(s) && isIt(s));
    await find('the insert', (s) => s.name === 'sql insert Media');
    const delivery = await find('the delivery', (s) => s.name === 'notify by rest-hook' && s.attributes['fhir.subscription.outcome'] === 'delivered'); // prettier-ignore
    expect(delivery.service).toBe('dr-assistant-worker');
    expect(callerOf(delivery)?.service).toBe('dr-assistant-api');
    const bot = await find('the bot', (s) => s.name === 'bot visit-scribe resource');
    expect(callerOf(bot)?.name).toBe('notify by rest-hook');
    for (const stage of ['transcribe', 'draft', 'extract', 'code'])
      await find(stage, (s) => s.name === `ai.stage ${stage}`);
    const attempt = await find('a provider', (s) => s.name === 'ai.attempt');
    expect(attempt.attributes['ai.provider']).toEqual(expect.any(String));
    const written = await find('the draft', (s) => s.name === 'transaction POST /fhir/R4');
    expect(callerOf(written)?.name).toBe('fhir transaction');
    await find('its statements', (s) => s.name === 'sql insert DocumentReference');
  }, 60_000);

  test('no span tells of the patient.', async () => {
    const notes = await system.find<DocumentReference>(
      `DocumentReference?related=Media/${media.id}`,
      () => true,
      0,
    );
    expect(notes.length).toBeGreaterThan(0);
    const sent = collector.text();
    expect(sent.length).toBeGreaterThan(10_000);
    const told = [MARKER, 'bronchitis', 'ibuprofen', patient.id, media.id, notes[0]?.id];
    expect(told.filter((text) => text === undefined || sent.includes(text))).toEqual([]);
  });
});

describe('Alerts and dashboards', () => {
  async function exposed(): Promise<ReadonlySet<string>> {
    const texts = await Promise.all(
      Object.values(jobs).map(async (target) => (await fetch(`http://${target}/metrics`)).text()),
    );
    return new Set(
      [...texts.join('\n').matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
        type === 'histogram' || type === 'summary'
          ? ['_bucket', '_sum', '_count'].map((end) => name + end)
          : [name],
      ),
    );
  }

  test('name only metrics that the processes expose.', async () => {
    // Prometheus makes these itself.
    const known = new Set([...(await exposed()), 'up', 'ALERTS']);
    expect(expressions.length).toBeGreaterThan(60);
    const wrong = expressions.flatMap(({ of, expr }) =>
      metricsOf(expr)
        .filter((name) => !known.has(name))
        .map((name) => `${of}: ${name}`),
    );
    expect(wrong).toEqual([]);
    for (const { of, expr } of expressions)
      expect(`${of}: ${metricsOf(expr).length > 0}`).toBe(`${of}: true`);
  });

  test('lead to a paragraph of operations.md, each.', () => {
    const page = readFileSync(join(root, 'fhir-server/docs/operations.md'), 'utf8');
    const headings = [...page.matchAll(/^#+ (\w+)$/gm)].map(([, heading = '']) => heading);
    for (const { alert, annotations } of rules) {
      expect(headings).toContain(alert);
      expect(annotations.runbook).toBe(`fhir-server/docs/operations.md#${alert.toLowerCase()}`);
    }
  });

  test('ask the data source that is provisioned, which the dashboards’ folder is, too.', () => {
    const sources = parse(read('grafana/provisioning/datasources/dr-assistant.yaml')) as { datasources: { uid: string }[] }; // prettier-ignore
    const uids = sources.datasources.map(({ uid }) => uid);
    for (const { panels } of boards)
      for (const { datasource } of panels) expect(uids).toContain(datasource.uid);
    const { providers } = parse(read('grafana/provisioning/dashboards/dr-assistant.yaml')) as { providers: { options: { path: string } }[] }; // prettier-ignore
    const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
    expect(compose).toContain(`./k8s/observability/grafana/dashboards:${providers[0]?.options.path}:ro`);
  });

  const withPrometheus = testWith(program('prometheus'), program('promtool'));

  /** Debian's build finds no pods; all else is checked. */
  function checkKubernetesConfig(): void {
    const config = parse(read('prometheus/kubernetes.yml')) as { scrape_configs: Record<string, unknown>[] };
    for (const scrape of config.scrape_configs) {
      expect(scrape['kubernetes_sd_configs']).toEqual([{ role: 'pod' }]);
      delete scrape['kubernetes_sd_configs'];
    }
    const copy = mkdtempSync(join(tmpdir(), 'dr-assistant-rules-'));
    cpSync(rulesFolder, copy, { recursive: true });
    writeFileSync(join(copy, 'kubernetes.yml'), JSON.stringify(config));
    promtool(copy, 'check', 'config', 'kubernetes.yml');
    rmSync(copy, { recursive: true });
  }

  withPrometheus('fire when they should and not otherwise, and each of them is tried.', () => {
    promtool(rulesFolder, 'check', 'rules', 'alerts.yaml');
    promtool(rulesFolder, 'test', 'rules', 'alerts.test.yaml');
    promtool(rulesFolder, 'check', 'config', 'prometheus.yml');
    checkKubernetesConfig();
    const { tests } = parse(read('prometheus/alerts.test.yaml')) as { tests: { name: string }[] };
    const tried = rules.flatMap(({ alert }) => [`${alert} fires`, `${alert} is silent`]);
    expect(tests.map(({ name }) => name).toSorted()).toEqual(tried.toSorted());
  });

  withPrometheus(
    'are taken by a Prometheus that scrapes the processes, and the central ones say something.',
    async () => {
      const prometheus = await startPrometheus(join(rulesFolder, 'alerts.yaml'), jobs);
      try {
        const until = async (holds: () => Promise<boolean>, what: string): Promise<void> => {
          for (const end = Date.now() + 30_000; !(await holds()); await sleep(200))
            if (Date.now() > end) throw new Error(`not within 30 s: ${what}`);
        };
        await until(async () => (await prometheus.query('up == 1')).length === 3, 'all three are scraped');
        for (const { expr } of expressions) await prometheus.query(expr);
        await until(async () => {
          // A rate needs two scrapes, and something that is counted between them.
          await system.call('GET', `Patient/${patient.id}`);
          const empty = await Promise.all(central().map(async ({ expr }) => (await prometheus.query(expr)).length === 0)); // prettier-ignore
          return !empty.includes(true);
        }, 'the central panels have data');
        const known = await prometheus.rules();
        expect([...known.keys()].toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
        expect([...known.values()].filter((health) => health === 'err')).toEqual([]);
      } finally {
        await prometheus.stop();
      }
    },
    90_000,
  );

  const CENTRAL = ['overview: Requests a second', 'overview: Duration of all requests', 'overview: Requests by interaction', 'database: Connections of the pool', 'database: Delay of the event loop, p99', 'events: Oldest event in the outbox', 'events: Attempts by what became of them', 'ai: Bots that are ready', 'ai: Calls by stage, provider and outcome', 'ai: Events by bot and outcome']; // prettier-ignore
  const central = () => expressions.filter(({ of }) => CENTRAL.includes(of));
});
