import { describe, expect, test } from 'vitest';
import { cancelTasks, ping, revoke, type ScanTask, updateIp } from '../../../src/adapters/celery/messages.ts';
import { parsePong, taskOf } from '../../../src/adapters/celery/parse.ts';
import { scanTask } from '../../support/scanTask.ts';

const ID = '5a6e0f0e-7bb4-5c7c-9d2c-1f6e0a5c9f10';
const PROJECT = '0d3c1d0a-3f6b-4a7e-8a51-6a3d1f0b2c4d';
const TASK: ScanTask = {
  track_history: true,
  ip: '8.8.8.8',
  hostnames: ['dns.test', 'ü.test'],
  project: PROJECT,
  open_ports_opts: '-n -Pn -p 53,80-90',
  service_opts: '-n -sV -Pn',
  timeout: 300,
  include_services: true,
  mode: 'insert',
  user: { username: 'ann', id: '7f0c2f3a-58a2-4c1f-9a65-0b9f3f8f7c11' },
  open_ports_str: '53 80-90',
};
const EMBED = '{"callbacks":null,"errbacks":null,"chain":null,"chord":null}';

describe('task messages', () => {
  test('a scan task has the keys in the order of the contract, whatever the caller wrote', () => {
    const message = scanTask(ID, TASK);
    expect(message.content.toString()).toBe(
      '[[{"ip":"8.8.8.8","hostnames":["dns.test","ü.test"],' +
        `"project":"${PROJECT}","open_ports_opts":"-n -Pn -p 53,80-90","service_opts":"-n -sV -Pn","timeout":300,` +
        '"include_services":true,"mode":"insert","user":{"id":"7f0c2f3a-58a2-4c1f-9a65-0b9f3f8f7c11","username":"ann"},' +
        `"open_ports_str":"53 80-90","track_history":true}],{},${EMBED}]`,
    );
    expect(message).toMatchObject({
      exchange: 'nmap_exchange',
      routingKey: 'nmap.scan',
      id: ID,
      mandatory: true,
    });
  });

  test('its properties and headers are those of Celery, integers with their type', () => {
    const { properties } = scanTask(ID, TASK);
    expect(properties).toEqual({
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      deliveryMode: 2,
      priority: 0,
      correlationId: ID,
      headers: {
        lang: 'py',
        task: 'project.nmap.scan',
        id: ID,
        root_id: ID,
        parent_id: null,
        group: null,
        retries: { '!': 'int', value: 0 },
        timelimit: [null, null],
        eta: null,
        expires: null,
        argsrepr: '(8.8.8.8,)',
        kwargsrepr: '{}',
        origin: 'tasker',
        ignore_result: false,
      },
    });
  });

  test('cancel and update_ip go to the fanouts', () => {
    const cancel = cancelTasks([ID]);
    expect(cancel).toMatchObject({
      exchange: 'nmap_cancel_queue',
      routingKey: 'celery',
      mandatory: false,
      properties: { headers: { task: 'project.nmap.cancel', id: cancel.id } },
    });
    expect(cancel.content.toString()).toBe(`[[{"task_ids":["${ID}"]}],{},${EMBED}]`);
    const update = updateIp(ID);
    expect(update).toMatchObject({ exchange: 'worker_service_broadcast', routingKey: 'celery', id: ID });
    expect(update.content.toString()).toBe(`[[],{},${EMBED}]`);
  });
});

describe('control messages', () => {
  test('a revoke names its tasks to all workers', () => {
    const message = revoke([ID]);
    expect(message).toMatchObject({ exchange: 'celery.pidbox', routingKey: '', mandatory: false });
    expect(message.content.toString()).toBe(
      `{"method":"revoke","arguments":{"task_id":["${ID}"],"terminate":false,"signal":"SIGTERM"},` +
        '"destination":null,"pattern":null,"matcher":null}',
    );
  });

  test('ping says where to answer, and headers carry typed numbers', () => {
    const before = Date.now() / 1000;
    const message = ping('ticket', 'key');
    expect(message.content.toString()).toBe(
      '{"method":"ping","arguments":{},"destination":null,"pattern":null,"matcher":null,"ticket":"ticket",' +
        '"reply_to":{"exchange":"reply.celery.pidbox","routing_key":"key"}}',
    );
    const { clock, expires } = message.properties.headers;
    expect(clock).toEqual({ '!': 'int', value: 1 });
    expect(expires).toEqual({ '!': 'double', value: expect.any(Number) });
    expect(Reflect.get(Object(expires), 'value')).toBeGreaterThan(before);
  });
});

describe('parsePong', () => {
  test('reads the host name', () => {
    expect(parsePong(Buffer.from('{"nmap_scan_queue@scan-1":{"ok":"pong"}}'))).toBe('scan-1');
  });

  test.each([
    '',
    'null',
    '[]',
    '{"a":{"ok":"pong"}}',
    '{"a@b":{"error":"no"}}',
    '{"a@":{"ok":"pong"}}',
    '{"a@b":null}',
  ])('%s is no pong', (text) => {
    expect(parsePong(Buffer.from(text))).toBeUndefined();
  });
});

describe('taskOf', () => {
  const headers = { task: 'project.nmap.scan', id: ID };
  const body = (project: unknown) => Buffer.from(JSON.stringify([[{ ip: '8.8.8.8', project }], {}, null]));

  test('reads our own messages', () => {
    const { content, properties } = scanTask(ID, TASK);
    const target = { ip: TASK.ip, ports: TASK.open_ports_str };
    expect(taskOf(content, properties.headers)).toEqual({ id: ID, project: PROJECT, target });
  });

  test.each([
    ['plain', PROJECT],
    ['upper case without hyphens', PROJECT.replaceAll('-', '').toUpperCase()],
    ['tagged', { __type__: 'uuid', __value__: { hex: PROJECT.replaceAll('-', '') } }],
  ])('takes a project that is %s', (_, project) => {
    expect(taskOf(body(project), headers)).toEqual({ id: ID, project: PROJECT });
  });

  test.each([
    ['another task', body(PROJECT), { task: 'other', id: ID }],
    ['no headers', body(PROJECT), undefined],
    ['no id', body(PROJECT), { task: 'project.nmap.scan' }],
    ['no project', body(undefined), headers],
    ['no UUID', body('x'), headers],
    ['no JSON', Buffer.from('[['), headers],
    ['no list', Buffer.from('null'), headers],
  ])('knows nothing of a message with %s', (_, content, given) => {
    expect(taskOf(content, given)).toBeUndefined();
  });
});
