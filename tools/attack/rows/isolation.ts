/** Nobody sees or undoes what is not theirs, and who did what can be read later. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROUTES } from '../../../src/api/routes.ts';
import { freePort } from '../../services/ports.ts';
import { at, textAt } from '../client.ts';
import { claim, outcomeOf, pause, type Row, statuses } from '../row.ts';
import { type Scene, SECRET_EXCLUSION } from '../scene.ts';
import { withoutSettings } from '../taskerProcess.ts';

const LEAK = /8\.8\.4\.\d|9\.[\d.]+.*leak\.good\.test|leak\.good\.test/;

export const foreignIds: Row = {
  number: 1,
  tried: "every route with the id of another project's plan and scan",
  async attack({ owner, attacker, users, projects }) {
    const made = await owner.plan(['8.8.4.0/29', 'leak.good.test']);
    const plan = textAt(made.json, 'plan', 'id');
    const ran = await owner.inProject('run-nmap', { method: 'POST', body: { plan } });
    const ids = [plan, textAt(ran.json, 'submission', 'id'), users.ids.alice];
    const calls = ids.flatMap((id) => [
      attacker.inProject('run-nmap', { method: 'POST', body: { plan: id } }),
      ...ROUTES.filter(({ path }) => /\{(?!project_id)\w+\}/.test(path)).map(({ method, path }) =>
        attacker.ask(path.replace('{project_id}', projects.attacker).replaceAll(/\{\w+\}/g, id), { method }),
      ),
    ]);
    const replies = await Promise.all(calls);
    const known = replies.filter(({ status }) => status !== 404);
    const foreign = await Promise.all(
      ROUTES.filter(({ auth }) => auth === 'project').map(({ method, path }) =>
        attacker.ask(path.replace('{project_id}', projects.owner).replaceAll(/\{\w+\}/g, plan), { method }),
      ),
    );
    const leaks = [...replies, ...foreign].filter(({ text }) => LEAK.test(text));
    return outcomeOf(
      claim(`the plan was made and has run (${made.status}, ${ran.status})`, ran.status === 200),
      claim(`${replies.length} calls with its ids are 404 (${statuses(replies)})`, known.length === 0),
      claim(
        `${foreign.length} calls in its project are 401 (${statuses(foreign)})`,
        foreign.every(({ status }) => status === 401),
      ),
      claim(`${leaks.length} answers name its targets`, leaks.length === 0),
    );
  },
};

export const rulesOfOthers: Row = {
  number: 13,
  tried: 'a member lifts exclusions of the installation and of an admin',
  async attack(scene) {
    const { admin, attacker } = scene;
    const made = await admin.inProject('exclusions', {
      method: 'POST',
      body: { hosts: [{ entry: '203.0.114.7', why: 'made by an admin' }] },
    });
    const hosts: string[] = [];
    const tries = [
      await attacker.inProject('exclusions', { method: 'PUT', body: { hosts } }),
      await attacker.inProject('exclusions', { method: 'DELETE', body: { hosts: ['203.0.114.7'] } }),
    ];
    const after = await admin.inProject('exclusions');
    const plan = await attacker.plan(['203.0.114.7']);
    await admin.inProject('exclusions', { method: 'DELETE', body: { hosts: ['203.0.114.7'] } });
    const refused = await liftedOfInstallation(scene);
    return outcomeOf(
      claim(`the admin's exclusion was made (${made.status})`, made.status === 200),
      claim(
        `it stays after PUT [] and DELETE (${statuses(tries)})`,
        after.text.includes('203.0.114.7') && at(plan.json, 'summary', 'refused', 'forbidden') === 1,
      ),
      claim(
        `allow_unresolved_exclusions does not lift the installation's (${refused.status})`,
        refused.status === 422,
      ),
    );
  },
};

async function liftedOfInstallation(scene: Scene): Promise<{ status: number }> {
  const { attacker, exclusionsFile } = await scene.strict();
  writeFileSync(exclusionsFile, 'office.broken.test\n');
  try {
    // It is read again after a moment; without the flag nothing goes on from then on.
    for (let tries = 0; tries < 10; tries++) {
      const { status } = await attacker.plan(['8.8.8.8']);
      if (status === 422) return await attacker.plan(['8.8.8.8'], { allow_unresolved_exclusions: true });
      await pause(500);
    }
    return { status: 0 };
  } finally {
    writeFileSync(exclusionsFile, '# no exclusions\n');
  }
}

export const trail: Row = {
  number: 14,
  tried: 'who stopped and who excluded is asked for',
  async attack({ attacker, admin, users }) {
    await attacker.inProject('exclusions', {
      method: 'POST',
      body: { hosts: ['203.0.115.7'], why: 'in the trail' },
    });
    await attacker.run(['9.9.9.10']);
    await attacker.inProject('stop-nmap');
    await attacker.inProject('exclusions', { method: 'DELETE', body: { hosts: ['203.0.115.7'] } });
    const own = await attacker.inProject('audit');
    const all = await admin.ask('/audit');
    const member = await attacker.ask('/audit');
    const says = (text: string) =>
      [users.ids.bob, '"bob"', '203.0.115.7', 'stop', '127.0.0.1'].filter((part) => !text.includes(part));
    return outcomeOf(
      claim(`a project's trail says who, what and from where (${own.status})`, own.status === 200),
      claim(`it misses: ${says(own.text).join(', ') || 'nothing'}`, says(own.text).length === 0),
      claim(`admins see all of them (${all.status})`, all.status === 200 && says(all.text).length === 0),
      claim(`members do not (${member.status})`, member.status === 403 || member.status === 401),
    );
  },
};

export const weakSecrets: Row = {
  number: 18,
  tried: "TASKER_TOKEN=a, a token kept by the docs, the installation's exclusions as a member",
  async attack({ attacker, admin, stranger, directory }) {
    const weak = await endOf(
      { AUTH_PROVIDER: 'static', TASKER_TOKEN: 'a', PORT: String(await freePort()) },
      directory,
    );
    const docs = await Promise.all(
      ['/docs', '/docs/', '/docs/swagger-ui-init.js'].map((path) => stranger.ask(path)),
    );
    const seen = await Promise.all([
      attacker.inProject('exclusions'),
      attacker.plan(['8.8.8.8']),
      attacker.inProject('explain?target=8.8.8.8'),
    ]);
    const forAdmin = await admin.inProject('exclusions');
    return outcomeOf(
      claim(`the start with TASKER_TOKEN=a ends with ${weak.code}`, weak.code === 1),
      claim('its line names the variable', weak.text.includes('TASKER_TOKEN')),
      claim(
        'the docs keep no token',
        docs.every(({ text }) => !/"?persistAuthorization"?\s*:\s*true/.test(text)),
      ),
      claim(
        `members see no rule that does not concern them (${statuses(seen)})`,
        seen.every(({ text }) => !text.includes(SECRET_EXCLUSION)),
      ),
      claim('admins do', forAdmin.text.includes(SECRET_EXCLUSION)),
    );
  },
};

/** Runs Tasker until it ends by itself, for five seconds at most. */
async function endOf(
  env: Record<string, string>,
  cwd: string,
): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [join(process.cwd(), 'dist', 'main.js')], {
    cwd,
    env: { ...process.env, ...withoutSettings(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 5_000,
  });
  let text = '';
  child.stderr.on('data', (data: Buffer) => {
    text += data.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}
