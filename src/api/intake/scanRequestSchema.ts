import Joi from 'joi';
import { SCAN_MODES } from '../../model/scanOptions.ts';
import { DEFAULT_PRIORITY, type SubmissionOptions } from '../../model/submission.ts';
import { INVALID_ENTRY_CHOICES, IP_VERSIONS } from '../../model/targetOptions.ts';
import { perNetworkSchema } from '../dispatch/perNetwork.ts';
import { PLAN } from '../openapi/examples.ts';
import { type Coerced, coerceBoolean, coerceInteger } from './coercion.ts';

/**
 * The request of run-nmap: the rules and, through `meta`, the documentation.
 * `hosts` and `ports` may be a million long, so that Joi sees only that they are lists; `entryList.ts` and `ports.ts` read their items.
 */

function lenient<T>(read: (given: unknown) => Coerced<T>, accept?: (value: T) => string | undefined) {
  return Joi.any().custom((given: unknown, helpers) => {
    const result = read(given);
    if (!result.ok) return helpers.error(result.rule);
    const broken = accept?.(result.value);
    return broken === undefined ? result.value : helpers.error(broken);
  });
}

function flag(description: string, example: boolean) {
  return lenient(coerceBoolean)
    .meta({ swagger: { type: 'boolean' } })
    .description(description)
    .example(example);
}

function integer([minimum, maximum]: readonly [number, number], description: string, example: number) {
  const outside = (value: number) => {
    if (value < minimum) return 'greater_than_equal';
    return value > maximum ? 'less_than_equal' : undefined;
  };
  return lenient(coerceInteger, outside)
    .meta({ swagger: { type: 'integer', minimum, maximum } })
    .messages({
      greater_than_equal: `Input should be greater than or equal to ${minimum}`,
      less_than_equal: `Input should be less than or equal to ${maximum}`,
    })
    .description(description)
    .example(example);
}

/** Without `oneOf`: a condition would be shown as one that says nothing. */
function textList(description: string, items: object) {
  return Joi.array()
    .meta({ swagger: { items: { type: 'string', ...items }, oneOf: undefined } })
    .description(description);
}

/** For the documentation: what we do not know is no error by itself; see unknownFields.ts. */
const OTHERS_IGNORED = { swagger: { additionalProperties: true } };

const MILLISECONDS = [1, 60_000] as const;
const PACKETS = [1, 30_000] as const;

const PHASE_OPTIONS = {
  dns_resolution: flag('true: `-R`, false: `-n`', false).allow(null),
  max_retries: integer([0, 20], '`--max-retries`', 2).allow(null),
  min_rtt_timeout_ms: integer(MILLISECONDS, '`--min-rtt-timeout`, milliseconds', 100).allow(null),
  max_rtt_timeout_ms: integer(MILLISECONDS, '`--max-rtt-timeout`, milliseconds', 1_000).allow(null),
  initial_rtt_timeout_ms: integer(MILLISECONDS, '`--initial-rtt-timeout`, milliseconds', 250).allow(null),
  min_rate: integer(PACKETS, '`--min-rate`, packets per second', 500).allow(null),
  max_rate: integer(PACKETS, '`--max-rate`, packets per second', 2_000).allow(null),
};

const openPortsOptions = Joi.object({
  ports: textList(
    '`N` or `A-B` each, 1 to 65535; may be left out with `top_ports`. At most 65,535 items, and 65,536 bytes joined by blanks',
    {
      pattern: '^[0-9]{1,5}(-[0-9]{1,5})?$',
      example: '8000-8100',
    },
  ).when('top_ports', { is: Joi.number().required(), otherwise: Joi.required() }),
  top_ports: integer(
    [1, 65_535],
    '`--top-ports`, instead of `ports`; ignored when there are ports',
    1_000,
  ).allow(null),
  transport_protocol: Joi.string()
    .valid('tcp', 'udp')
    .default('tcp')
    .description('udp adds `-sU`')
    .example('tcp'),
  skip_host_discovery: flag('`-Pn`', true).default(true),
  ...PHASE_OPTIONS,
}).meta({ className: 'OpenPortsOptions', ...OTHERS_IGNORED });

const serviceOptions = Joi.object({
  aggressive_scan: flag('`-A`', true).default(false),
  default_scripts: flag('`-sC`', true).default(false),
  os_detection: flag('`-O`', true).default(false),
  traceroute: flag('`--traceroute`', true).default(false),
  ...PHASE_OPTIONS,
}).meta({ className: 'ServiceOptions', ...OTHERS_IGNORED });

/** What a caller sends, unknown fields aside. */
export type ScanRequestFields = SubmissionOptions & { hosts: unknown[]; exclude?: string[] };

export const scanRequestSchema = Joi.object<ScanRequestFields>({
  hosts: textList(
    'Addresses, networks (`10.0.0.0/24`, `10.0.0.0/255.255.255.0`), ranges (`10.0.0.1-10.0.3.9`, `10.0.0.10-50`, `2001:db8::1-2001:db8::ff`), octet forms as nmap writes them (`10.0-3.*.1,5,9`) and host names. A string may hold several, separated by blanks, line ends or commas, with `#` comments. The list may be empty',
    { example: '192.0.2.0/24' },
  ).required(),
  on_invalid: Joi.string()
    .valid(...INVALID_ENTRY_CHOICES)
    .default('refuse')
    .description(
      '`refuse`: one entry that cannot be read refuses the request. `skip`: its line is left out, and all that it held is listed in `invalid_entries`',
    )
    .example('skip'),
  include_network_and_broadcast: flag(
    'Also scans the network and the broadcast address of IPv4 networks up to /30',
    true,
  ).default(false),
  exclude: Joi.array()
    .items(Joi.string())
    .example(['203.0.113.7', '*.payments.example.com'])
    .description(
      'What this request leaves out, in any notation of `hosts`, or `*.domain`; several are separated by commas or line ends, not by blanks. It wins over everything, as do the exclusions of project and installation',
    ),
  allow_unresolved_exclusions: flag(
    'Goes on when an excluded name does not resolve; without it such a request is refused, since the name could be any address',
    true,
  ).default(false),
  ip_version: Joi.string()
    .valid(...IP_VERSIONS)
    .default('4')
    .description('Which addresses of host names are scanned: IPv4, IPv6, or `any`')
    .example('any'),
  open_ports_opts: openPortsOptions.required(),
  service_opts: serviceOptions.required(),
  timeout: integer([1, 86_400], 'Seconds, per scan phase', 3_600).required(),
  include_services: flag('Whether the second phase, service detection, runs', true).required(),
  port_shards: integer(
    [2, 500],
    'Cuts the ports into so many parts of equal size: one task for each address and part. Not with mode `insert`, nor with `top_ports`',
    4,
  ).allow(null),
  priority: integer([1, 5], '1 to 5: a lower number goes first; 1 is for admins', 2).default(
    DEFAULT_PRIORITY,
  ),
  per_network: perNetworkSchema().allow(null),
  single_resolve: flag('Only one address of each host name', true).default(false),
  mode: Joi.string()
    .valid(...SCAN_MODES)
    .required()
    .description('What the ledger does with results; `insert` skips what it knows')
    .example('insert'),
})
  .messages({
    'any.required': 'Field required',
    'any.only': 'Input should be one of: {{#valids}}',
    'string.base': 'Input should be a valid string',
    'string.empty': 'Input should not be empty',
    'array.base': 'Input should be a valid list',
    'object.base': 'Input should be an object',
    int_type: 'Input should be a valid integer',
    int_parsing: 'Input should be a valid integer, unable to parse string as an integer',
    int_from_float: 'Input should be a valid integer, got a number with a fractional part',
    bool_type: 'Input should be a valid boolean',
    bool_parsing: 'Input should be a valid boolean, unable to interpret input',
  })
  .options({ abortEarly: false, stripUnknown: true, errors: { wrap: { label: false, array: false } } })
  .meta({ className: 'ScanRequest', ...OTHERS_IGNORED });

/** The other request of run-nmap. */
export const planRunSchema = Joi.object<{ plan: string }>({
  plan: Joi.string()
    .guid()
    .required()
    .description('Scans exactly what this plan came to; once')
    .example(PLAN),
})
  .messages({ 'object.unknown': 'it stands alone: everything else was said when the plan was made' })
  .meta({ className: 'PlanRun' });

/** Both, for the documentation. */
export const runRequestSchema = Joi.alternatives(scanRequestSchema, planRunSchema);
