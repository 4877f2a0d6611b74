// Made by `npm run docs` from the routes of the API.

export interface paths {
  "/tasks/{project_id}/run-nmap": {
    post: operations["runNmap"];
  };
  "/tasks/{project_id}/status": {
    get: operations["getProjectStatus"];
  };
  "/tasks/{project_id}/stop-nmap": {
    get: operations["stopProject"];
  };
  "/tasks/{project_id}/check-entries": {
    post: operations["checkEntries"];
  };
  "/tasks/{project_id}/plan": {
    post: operations["makePlan"];
  };
  "/tasks/{project_id}/plan/{plan_id}": {
    get: operations["getPlan"];
    delete: operations["deletePlan"];
  };
  "/tasks/{project_id}/plans": {
    get: operations["listPlans"];
  };
  "/tasks/{project_id}/plan/{plan_id}/diff/{other_id}": {
    get: operations["comparePlans"];
  };
  "/tasks/{project_id}/submissions": {
    get: operations["listSubmissions"];
  };
  "/tasks/{project_id}/submissions/{submission_id}": {
    get: operations["getSubmission"];
    patch: operations["changeSubmission"];
  };
  "/tasks/{project_id}/submissions/{submission_id}/history": {
    get: operations["getSubmissionHistory"];
  };
  "/tasks/{project_id}/submissions/{submission_id}/targets": {
    get: operations["listTargets"];
  };
  "/tasks/{project_id}/explain": {
    get: operations["explainTarget"];
  };
  "/dispatch": {
    get: operations["getDispatch"];
  };
  "/dispatch/history": {
    get: operations["getDispatchHistory"];
  };
  "/tasks/{project_id}/dispatch": {
    get: operations["getDispatchSettings"];
    put: operations["setDispatchSettings"];
  };
  "/tasks/{project_id}/submissions/{submission_id}/pause": {
    post: operations["pauseSubmission"];
  };
  "/tasks/{project_id}/submissions/{submission_id}/resume": {
    post: operations["resumeSubmission"];
  };
  "/tasks/{project_id}/submissions/{submission_id}/cancel": {
    post: operations["cancelSubmission"];
  };
  "/tasks/{project_id}/submissions/{submission_id}/retry-failed": {
    post: operations["retryFailed"];
  };
  "/tasks/{project_id}/submissions/{submission_id}/retry-stages": {
    post: operations["retryStages"];
  };
  "/tasks/{project_id}/cancel-targets": {
    post: operations["cancelTargets"];
  };
  "/tasks/{project_id}/pause": {
    post: operations["pauseProject"];
  };
  "/tasks/{project_id}/resume": {
    post: operations["resumeProject"];
  };
  "/dispatch/pause": {
    post: operations["pauseDispatch"];
  };
  "/dispatch/resume": {
    post: operations["resumeDispatch"];
  };
  "/tasks/{project_id}/exclusions": {
    get: operations["listExclusions"];
    put: operations["replaceExclusions"];
    post: operations["addExclusions"];
    delete: operations["removeExclusions"];
  };
  "/tasks/{project_id}/exclusions/{receipt_id}/receipt": {
    get: operations["getReceipt"];
  };
  "/tasks/{project_id}/events": {
    get: operations["listProjectEvents"];
  };
  "/tasks/{project_id}/webhooks": {
    get: operations["listWebhooks"];
    put: operations["setWebhooks"];
    delete: operations["deleteWebhooks"];
  };
  "/submissions": {
    get: operations["listAllSubmissions"];
  };
  "/projects": {
    get: operations["listProjects"];
  };
  "/workers": {
    get: operations["listWorkersAtWork"];
  };
  "/events": {
    get: operations["getEvents"];
  };
  "/session": {
    get: operations["getSession"];
    post: operations["makeSession"];
    delete: operations["deleteSession"];
  };
  "/session/links": {
    post: operations["makeSessionLink"];
  };
  "/audit": {
    get: operations["listAuditEntries"];
  };
  "/tasks/{project_id}/audit": {
    get: operations["listProjectAuditEntries"];
  };
  "/": {
    get: operations["getFrontPage"];
  };
  "/workers/ips": {
    get: operations["listWorkers"];
  };
  "/health": {
    get: operations["getHealth"];
  };
  "/ready": {
    get: operations["getReadiness"];
  };
}

export type webhooks = Record<string, never>;

export interface components {
  schemas: {
    Summary: {
      provided: number;
      duplicates_removed: number;
      resolved_ips: number;
      hostnames_collapsed_to_ip: number;
      refused: {
        already_in_scanledger: number;
        already_in_queue: number;
        forbidden: number;
        private_ip: number;
        unresolvable: number;
        other: number;
      };
      sent_to_scan: number;
    };
    PreparedTarget: {
      hostnames: string[];
      valid: boolean;
      reason: "already_in_scanledger" | "already_in_queue" | "forbidden" | "private_ip" | "unresolvable" | "other" | null;
    };
    Problem: {
      type: string;
      loc: (string | number)[];
      msg: string;
      input?: unknown;
      line?: number;
      column?: number;
    };
    RefusalDetail: {
      rule: "special_purpose" | "allowlist" | "exclusion" | "cancelled" | "ledger" | "queue" | "dns" | "entry" | "message";
      source: string;
      entry: string;
    };
    RefusedRow: {
      reason: "already_in_scanledger" | "already_in_queue" | "forbidden" | "private_ip" | "unresolvable" | "other";
      detail: components["schemas"]["RefusalDetail"];
      count: number;
    };
    Warning: {
      code: string;
      message: string;
      loc?: (string | number)[];
    };
    SubmissionLink: {
      id: string;
      state: "planning" | "dispatching" | "paused" | "done" | "finished" | "stopped" | "failed";
      href: string;
      paused?: string;
    };
    ScanAnswer: {
      summary: components["schemas"]["Summary"];
      prepared_targets: {
        [key: string]: components["schemas"]["PreparedTarget"];
      };
      input_to_scan: ({
          input: string;
          scanned_ip: string | null;
          all_hostnames_for_ip: string[];
        })[];
      invalid_entries?: components["schemas"]["Problem"][];
      invalid_entries_total?: number;
      refused_detail?: components["schemas"]["RefusedRow"][];
      truncated?: boolean;
      warnings: components["schemas"]["Warning"][];
      submission: components["schemas"]["SubmissionLink"];
    };
    ErrorCode: "ambiguous_request" | "bad_request" | "unreadable_body" | "invalid_credentials" | "admins_only" | "board_action_refused" | "cross_site" | "exclusion_locked" | "unknown_path" | "unknown_plan" | "unknown_project" | "unknown_receipt" | "unknown_submission" | "method_not_allowed" | "body_too_slow" | "plan_stopped" | "scan_stopped" | "submission_ended" | "body_too_dense" | "body_too_large" | "unsupported_encoding" | "invalid_entry" | "invalid_json" | "invalid_request" | "scope_changed" | "scope_refused" | "quota_exceeded" | "too_many_exclusions" | "too_many_logins" | "internal_error" | "answer_room_full" | "auth_store_away" | "body_room_full" | "busy" | "dns_away" | "exclusions_file_unreadable" | "ledger_away" | "not_ready" | "planning_full" | "rabbitmq_away" | "redis_away" | "stage_gave_up" | "too_many_streams";
    Error: {
      detail: string;
      code: components["schemas"]["ErrorCode"];
      request_id?: string;
    };
    SubmissionError: {
      detail: string;
      code: components["schemas"]["ErrorCode"];
      submission?: components["schemas"]["SubmissionLink"];
    };
    ScanRefused: {
      detail: components["schemas"]["Problem"][];
      code: components["schemas"]["ErrorCode"];
      errors_total?: number;
      submission?: components["schemas"]["SubmissionLink"];
    };
    OpenPortsOptions: {
      top_ports?: number | null;
      ports?: string[];
      transport_protocol?: "tcp" | "udp";
      skip_host_discovery?: boolean;
      dns_resolution?: boolean | null;
      max_retries?: number | null;
      min_rtt_timeout_ms?: number | null;
      max_rtt_timeout_ms?: number | null;
      initial_rtt_timeout_ms?: number | null;
      min_rate?: number | null;
      max_rate?: number | null;
      [key: string]: unknown;
    };
    ServiceOptions: {
      aggressive_scan?: boolean;
      default_scripts?: boolean;
      os_detection?: boolean;
      traceroute?: boolean;
      dns_resolution?: boolean | null;
      max_retries?: number | null;
      min_rtt_timeout_ms?: number | null;
      max_rtt_timeout_ms?: number | null;
      initial_rtt_timeout_ms?: number | null;
      min_rate?: number | null;
      max_rate?: number | null;
      [key: string]: unknown;
    };
    PerNetwork: {
      tasks?: number;
      per_minute?: number;
      v4?: number;
      v6?: number;
    } | null;
    ScanRequest: {
      hosts: string[];
      on_invalid?: "refuse" | "skip";
      include_network_and_broadcast?: boolean;
      exclude?: string[];
      allow_unresolved_exclusions?: boolean;
      ip_version?: "4" | "6" | "any";
      open_ports_opts: components["schemas"]["OpenPortsOptions"];
      service_opts: components["schemas"]["ServiceOptions"];
      timeout: number;
      include_services: boolean;
      port_shards?: number | null;
      priority?: number;
      per_network?: components["schemas"]["PerNetwork"];
      single_resolve?: boolean;
      mode: "insert" | "replace" | "update" | "append";
      [key: string]: unknown;
    };
    PlanRun: {
      plan: string;
    };
    Status: {
      active_or_queued: number;
      running: number;
      running_targets: {
          ip: string;
          hostnames: string[];
          worker: string;
          started_at: number;
        }[];
    };
    Invalid: {
      detail: components["schemas"]["Problem"][];
      code: components["schemas"]["ErrorCode"];
      errors_total?: number;
    };
    Stopped: {
      status: "stopped" | "no_tasks";
      revoked: number;
    };
    EntryProblem: {
      list: "hosts" | "exclude";
      item: number | null;
      line: number;
      column: number;
      length: number;
      input: unknown;
      message: string;
      fix?: string;
    };
    CheckedEntries: {
      provided: number;
      duplicates_removed: number;
      entries: number;
      addresses: number;
      names: number;
      exclusions: number;
      problems: components["schemas"]["EntryProblem"][];
      problems_total?: number;
      warnings: components["schemas"]["Warning"][];
    };
    EntriesToCheck: {
      hosts: string[];
      exclude?: string[];
    };
    PlanLink: {
      id: string;
      state: "planning" | "done" | "failed" | "stopped";
      href: string;
      paused?: string;
    };
    Unanswered: {
      family: "4" | "6";
      failure: string;
    };
    NameReport: {
      addresses: string[];
      chain: string[];
      ttl_s?: number;
      unanswered?: components["schemas"]["Unanswered"];
      wildcard?: boolean;
      failure?: string;
    };
    RefusalDetailOrNull: ({
      rule: "special_purpose" | "allowlist" | "exclusion" | "cancelled" | "ledger" | "queue" | "dns" | "entry" | "message";
      source: string;
      entry: string;
    }) | null;
    EntryRefusal: {
      reason: "already_in_scanledger" | "already_in_queue" | "forbidden" | "private_ip" | "unresolvable" | "other";
      detail: components["schemas"]["RefusalDetailOrNull"];
      count: number | string;
    };
    Place: {
      entry: string;
      item: number;
      line: number;
      column: number;
    };
    EntryReport: {
      entry: string;
      item: number;
      line: number;
      column: number;
      kind: "address" | "network" | "range" | "octets" | "name";
      addresses: number | string;
      accepted: number | string;
      name?: components["schemas"]["NameReport"];
      refused: components["schemas"]["EntryRefusal"][];
      covered_by?: components["schemas"]["Place"][];
    };
    Plan: {
      plan: components["schemas"]["PlanLink"];
      summary: components["schemas"]["Summary"];
      tasks: number;
      refused_detail?: components["schemas"]["RefusedRow"][];
      warnings: components["schemas"]["Warning"][];
      invalid_entries?: components["schemas"]["Problem"][];
      invalid_entries_total?: number;
      ranges: string[];
      entries: components["schemas"]["EntryReport"][];
      truncated?: boolean;
    };
    PlanNumbers: {
      plan: components["schemas"]["PlanLink"];
      summary: components["schemas"]["Summary"];
    };
    PlanRefused: {
      detail: components["schemas"]["Problem"][];
      code: components["schemas"]["ErrorCode"];
      errors_total?: number;
      plan?: components["schemas"]["PlanLink"];
      summary?: components["schemas"]["Summary"];
    };
    PlanError: {
      detail: string;
      code: components["schemas"]["ErrorCode"];
      plan?: components["schemas"]["PlanLink"];
      summary?: components["schemas"]["Summary"];
    };
    DeletedPlan: {
      deleted: string;
    };
    ListedPlan: {
      id: string;
      state: "planning" | "done" | "failed" | "stopped";
      href: string;
      paused?: string;
      created_at: string;
      user: {
        id: string;
        username: string;
      };
      expires_at: string | null;
      failure?: {
        stage: string;
        reason: string;
        by_scope: boolean;
      };
    };
    Plans: {
      plans: components["schemas"]["ListedPlan"][];
      next: string | null;
    };
    PlanDiff: {
      added: {
        addresses: number | string;
        ranges: string[];
      };
      removed: {
        addresses: number | string;
        ranges: string[];
      };
      truncated: boolean;
    };
    Submission: {
      id: string;
      kind: "scan";
      project: string;
      user: {
        id: string;
        username: string;
      };
      state: "planning" | "dispatching" | "paused" | "done" | "finished" | "stopped" | "failed";
      priority: number;
      created_at: string;
      finished_at: string | null;
      summary: components["schemas"]["Summary"];
      total: number;
      sent: number;
      failed: number;
      paused: string | null;
      failure?: {
        stage: string;
        reason: string;
        by_scope: boolean;
      };
    };
    Submissions: {
      submissions: components["schemas"]["Submission"][];
      next: string | null;
    };
    SubmissionOptions: {
      on_invalid?: "refuse" | "skip";
      include_network_and_broadcast?: boolean;
      allow_unresolved_exclusions?: boolean;
      ip_version?: "4" | "6" | "any";
      open_ports_opts: components["schemas"]["OpenPortsOptions"];
      service_opts: components["schemas"]["ServiceOptions"];
      timeout: number;
      include_services: boolean;
      port_shards?: number | null;
      priority?: number;
      per_network?: components["schemas"]["PerNetwork"];
      single_resolve?: boolean;
      mode: "insert" | "replace" | "update" | "append";
      exclude: string[];
    };
    TakenOut: {
      id: string;
      how: "excluded" | "cancelled";
      by: string;
      at: string;
      entries: string[];
    };
    SubmissionTimes: {
      created_at: string;
      planned_at: string | null;
      first_sent_at: string | null;
      ended_at: string | null;
      finished_at: string | null;
    };
    StageProgress: {
      stage: "expand" | "resolve" | "dedup" | "split" | "publish" | "submission";
      state: "waiting" | "active" | "failed" | "done" | "stopped";
      done?: number;
      total?: number;
      began_at: string | null;
      ended_at: string | null;
    };
    TargetCounts: {
      total: number;
      sent: number;
      done: number;
      dropped: number;
      stopped: number;
      failed: number;
      remaining: number;
      resent: number;
    };
    Estimate: {
      ends_at: string;
      rate_per_s: number;
    } | null;
    SubmissionDetails: {
      id: string;
      kind: "scan";
      project: string;
      user: {
        id: string;
        username: string;
      };
      state: "planning" | "dispatching" | "paused" | "done" | "finished" | "stopped" | "failed";
      priority: number;
      created_at: string;
      finished_at: string | null;
      summary: components["schemas"]["Summary"];
      total: number;
      sent: number;
      failed: number;
      paused: string | null;
      failure?: {
        stage: string;
        reason: string;
        by_scope: boolean;
      };
      plan: string | null;
      options: components["schemas"]["SubmissionOptions"];
      taken_out: components["schemas"]["TakenOut"][];
      times: components["schemas"]["SubmissionTimes"];
      refused_detail: components["schemas"]["RefusedRow"][];
      stages: components["schemas"]["StageProgress"][];
      progress: components["schemas"]["TargetCounts"];
      estimate: components["schemas"]["Estimate"];
    };
    SubmissionHistory: {
      every_s: number;
      at: number[];
      done: number[];
      remaining: number[];
    };
    TaskStart: {
      worker: string;
      started_at: string;
    };
    Target: {
      target: string;
      hostnames: string[];
      state: "waiting" | "queued" | "running" | "done" | "refused" | "dropped" | "stopped" | "failed";
      reason: "already_in_scanledger" | "already_in_queue" | "forbidden" | "private_ip" | "unresolvable" | "other" | null;
      task_id: string | null;
      starts?: components["schemas"]["TaskStart"][];
      moved_from?: string;
    };
    Targets: {
      targets: components["schemas"]["Target"][];
      next: string | null;
    };
    ExplainedSubmission: {
      id: string;
      state: "planning" | "dispatching" | "paused" | "done" | "finished" | "stopped" | "failed";
      created_at: string;
      user: {
        id: string;
        username: string;
      };
    };
    Refusal: {
      reason: "already_in_scanledger" | "already_in_queue" | "forbidden" | "private_ip" | "unresolvable" | "other";
      detail: components["schemas"]["RefusalDetail"];
    };
    ExplainedName: {
      name: string;
      addresses: string[];
      chain: string[];
      ttl_s?: number;
      unanswered?: components["schemas"]["Unanswered"];
      wildcard?: boolean;
      looked_up_at?: string;
      refusal?: components["schemas"]["Refusal"];
    };
    ExplainedAddress: {
      address: string;
      state: "waiting" | "queued" | "running" | "done" | "refused" | "dropped" | "stopped" | "failed";
      refusal?: components["schemas"]["Refusal"];
      task_id: string | null;
      moved_from?: string;
      sent_at?: string;
      starts?: components["schemas"]["TaskStart"][];
      worker?: string;
      started_at?: number;
    };
    ExplainedNetwork: {
      accepted: number | string;
      refused: {
        [key: string]: number | string;
      };
    };
    Explanation: {
      submission: components["schemas"]["ExplainedSubmission"];
      entries: components["schemas"]["Place"][];
      names: components["schemas"]["ExplainedName"][];
      addresses: components["schemas"]["ExplainedAddress"][];
      network?: components["schemas"]["ExplainedNetwork"];
    };
    Explanations: {
      submissions: components["schemas"]["Explanation"][];
      next: string | null;
    };
    AppliedExclusions: {
      id: string;
      waiting: number;
      ready: number;
      running: number;
      complete: boolean;
      href: string;
    };
    ChangedSubmission: {
      id: string;
      kind: "scan";
      project: string;
      user: {
        id: string;
        username: string;
      };
      state: "planning" | "dispatching" | "paused" | "done" | "finished" | "stopped" | "failed";
      priority: number;
      created_at: string;
      finished_at: string | null;
      summary: components["schemas"]["Summary"];
      total: number;
      sent: number;
      failed: number;
      paused: string | null;
      failure?: {
        stage: string;
        reason: string;
        by_scope: boolean;
      };
      plan: string | null;
      options: components["schemas"]["SubmissionOptions"];
      taken_out: components["schemas"]["TakenOut"][];
      times: components["schemas"]["SubmissionTimes"];
      refused_detail: components["schemas"]["RefusedRow"][];
      stages: components["schemas"]["StageProgress"][];
      progress: components["schemas"]["TargetCounts"];
      estimate: components["schemas"]["Estimate"];
      receipt?: components["schemas"]["AppliedExclusions"];
    };
    SubmissionChange: {
      priority?: 1 | 2 | 3 | 4 | 5;
      exclude?: string[];
      running?: "finish" | "kill";
    };
    DispatchWindow: {
      limit: number | null;
      ready: number | null;
      rate: number;
    };
    WorkerShare: {
      minute: number;
      hour: number;
    };
    ProjectDispatch: {
      project: string;
      weight: number;
      share: components["schemas"]["WorkerShare"];
      waiting: number;
      running: number;
      next: string | null;
    };
    DispatchStatus: {
      window: components["schemas"]["DispatchWindow"];
      workers: number;
      running: number;
      projects: components["schemas"]["ProjectDispatch"][];
    };
    DispatchHistory: {
      every_s: number;
      at: number[];
      window: (number | null)[];
      ready: (number | null)[];
      running: (number | null)[];
      tasks_per_minute: (number | null)[];
    };
    DispatchSettings: {
      weight?: number;
      max_running?: number | null;
      per_network?: components["schemas"]["PerNetwork"];
    };
    Pause: {
      since: string;
      by: string;
      why: string | null;
    };
    Paused: {
      paused: components["schemas"]["Pause"];
      ready: number;
      running: number;
      complete: boolean;
    };
    PauseRequest: {
      running?: "finish" | "kill";
      why?: string | null;
    };
    Resumed: {
      status: "resumed";
    };
    Cancelled: {
      status: "cancelled";
      waiting: number;
      ready: number;
      running: number;
      complete: boolean;
    };
    Retried: {
      retried: number;
    };
    RetriedStages: {
      retried: ("expand" | "resolve" | "dedup" | "split" | "publish" | "submission")[];
    };
    CancelledTargets: {
      status: "cancelled";
      submissions: number;
      waiting: number;
      ready: number;
      running: number;
      done: number;
      unmatched: string[];
      complete: boolean;
      id: string | null;
      href: string | null;
    };
    CancelTargets: {
      hosts: string[];
      submission?: string;
    };
    Exclusion: {
      entry: string;
      by: {
        id: string;
        username: string;
        admin?: boolean;
      };
      at: string;
      why: string;
      until: string | null;
      locked?: boolean;
      id?: string;
      running?: "finish";
    };
    Exclusions: {
      exclusions: components["schemas"]["Exclusion"][];
      installation: string[];
      installation_hidden: boolean;
      version: number;
    };
    ChangedExclusions: {
      exclusions: components["schemas"]["Exclusion"][];
      installation: string[];
      installation_hidden: boolean;
      version: number;
      receipt?: components["schemas"]["AppliedExclusions"];
    };
    NewExclusion: {
      entry: string;
      why?: string;
      until?: string | null;
      locked?: boolean;
    };
    NewExclusions: {
      hosts: (string | components["schemas"]["NewExclusion"])[];
      why?: string;
      until?: string | null;
      locked?: boolean;
      running?: "finish" | "kill";
    };
    RemovedExclusionsAnswer: {
      removed: string[];
      not_found: string[];
    };
    RemovedExclusions: {
      hosts: string[];
    };
    ReceiptExclusions: {
      total: number;
      listed: string[];
    };
    ReceiptTarget: {
      task_id: string;
      address: string;
      worker: string;
    };
    LastTask: {
      task_id: string;
      address: string;
      worker: string;
      ended_at: string;
    } | null;
    Receipt: {
      id: string;
      exclusions: components["schemas"]["ReceiptExclusions"];
      holds: boolean;
      by: string;
      at: string;
      when_running: "finish" | "kill";
      waiting: number;
      ready: number;
      running: number;
      running_targets: components["schemas"]["ReceiptTarget"][];
      since: string | null;
      last: components["schemas"]["LastTask"];
    };
    ProjectEvent: {
      id: string;
      type: "scan.planned" | "scan.finished" | "scan.failed" | "scan.paused" | "scan.resumed" | "scan.cancelled" | "target.dead" | "exclusion.in_effect" | "worker.gone";
      timestamp: string;
      project: string;
      data: Record<string, never>;
    };
    ProjectEvents: {
      events: components["schemas"]["ProjectEvent"][];
      next: string;
      missed: boolean;
    };
    Webhook: {
      id: string;
      url: string;
      events: ("scan.planned" | "scan.finished" | "scan.failed" | "scan.paused" | "scan.resumed" | "scan.cancelled" | "target.dead" | "exclusion.in_effect" | "worker.gone")[];
      format: "standard" | "slack";
      by: string;
      created_at: string;
      disabled: string | null;
      last_success: {
        at: string;
        event: string;
      } | null;
      last_failure: {
        at: string;
        event: string;
        reason: string;
      } | null;
      retried: number;
      dropped: number;
    };
    Webhooks: {
      webhooks: components["schemas"]["Webhook"][];
    };
    WrittenWebhook: {
      id: string;
      url: string;
      events: ("scan.planned" | "scan.finished" | "scan.failed" | "scan.paused" | "scan.resumed" | "scan.cancelled" | "target.dead" | "exclusion.in_effect" | "worker.gone")[];
      format: "standard" | "slack";
      by: string;
      created_at: string;
      disabled: string | null;
      last_success: {
        at: string;
        event: string;
      } | null;
      last_failure: {
        at: string;
        event: string;
        reason: string;
      } | null;
      retried: number;
      dropped: number;
      secret?: string;
    };
    WrittenWebhooks: {
      webhooks: components["schemas"]["WrittenWebhook"][];
    };
    NewWebhook: {
      url: string;
      events?: ("scan.planned" | "scan.finished" | "scan.failed" | "scan.paused" | "scan.resumed" | "scan.cancelled" | "target.dead" | "exclusion.in_effect" | "worker.gone")[];
      format?: "standard" | "slack";
      secret?: string;
    };
    NewWebhooks: {
      webhooks: components["schemas"]["NewWebhook"][];
    };
    RemovedWebhooks: {
      removed: number;
    };
    FirstEntries: {
      total: number;
      first: string[];
    };
    ScanCounts: {
      total: number;
      waiting: number;
      ready: number;
      running: number;
      done: number;
      dropped: number;
      stopped: number;
      failed: number;
      refused: number;
    };
    ScanRow: {
      id: string;
      project: string;
      user: {
        id: string;
        username: string;
      };
      state: "planning" | "dispatching" | "paused" | "done" | "finished" | "stopped" | "failed";
      priority: number;
      paused: string | null;
      created_at: string;
      finished_at: string | null;
      entries: components["schemas"]["FirstEntries"];
      counts: components["schemas"]["ScanCounts"];
      rate_per_s: number | null;
      ends_at: string | null;
      failure?: {
        stage: string;
        reason: string;
        by_scope: boolean;
      };
    };
    AllSubmissions: {
      submissions: components["schemas"]["ScanRow"][];
      next: string | null;
    };
    ProjectOverview: {
      id: string;
      name: string | null;
      open: number;
      kept: number;
      waiting: number;
      last_at: string;
      paused: boolean;
    };
    Projects: {
      projects: components["schemas"]["ProjectOverview"][];
    };
    TaskAtWork: {
      task_id: string;
      project: string;
      submission: string;
      address: string | null;
      since: string | null;
    };
    WorkerAtWork: {
      host: string;
      ip: string | null;
      last_seen: string | null;
      unanswered_pings: number;
      done_last_hour: number;
      tasks: components["schemas"]["TaskAtWork"][];
      others: number;
    };
    WorkersAtWork: {
      workers: components["schemas"]["WorkerAtWork"][];
    };
    Events: {
      ready: Record<string, never>;
      reload: Record<string, never>;
      submission: components["schemas"]["ScanRow"];
      workers: components["schemas"]["WorkersAtWork"];
      dispatch: components["schemas"]["DispatchStatus"];
      end: Record<string, never>;
    };
    Session: {
      user: {
        id: string;
        username: string;
      };
      admin: boolean;
      expires_at: string | null;
    };
    LogIn: {
      token?: string;
      code?: string;
    };
    LoginLink: {
      code: string;
      expires_at: string;
    };
    AuditEntry: {
      id: string;
      at: string;
      event: "submission.begun" | "submission.changed" | "submission.paused" | "submission.resumed" | "submission.cancelled" | "submission.excluded" | "submission.retried" | "targets.cancelled" | "plan.asked" | "plan.run" | "plan.deleted" | "project.stopped" | "project.paused" | "project.resumed" | "exclusions.added" | "exclusions.replaced" | "exclusions.removed" | "exclusions.refused" | "webhooks.replaced" | "webhooks.removed" | "dispatch.changed" | "dispatch.paused" | "dispatch.resumed" | "board.action" | "board.refused" | "login.refused" | "session.begun" | "session.ended" | "session.link_made";
      user: {
        id: string;
        username: string;
        admin: boolean;
      } | null;
      from: string | null;
      request: string | null;
      project: string | null;
      on: unknown;
      before: unknown;
      after: unknown;
      outcome: string;
    };
    AuditPage: {
      entries: components["schemas"]["AuditEntry"][];
      next: string | null;
    };
    FrontPage: {
      name: string;
      description: string;
      links: {
        [key: string]: string;
      };
    };
    Worker: {
      ip: string;
      last_updated: number;
      last_seen: number;
    };
    Workers: {
      workers: {
        [key: string]: components["schemas"]["Worker"];
      };
    };
    ReadyWarning: {
      code: string;
      message: string;
    };
    Ready: {
      status: "ok" | "away";
      services: {
        [key: string]: {
          status: "ok" | "away";
          detail: string;
        };
      };
      paused_queues: string[];
      paused?: components["schemas"]["Pause"];
      warnings: components["schemas"]["ReadyWarning"][];
    };
    NotReady: {
      status: "ok" | "away";
      services: {
        [key: string]: {
          status: "ok" | "away";
          detail: string;
        };
      };
      paused_queues: string[];
      paused?: components["schemas"]["Pause"];
      warnings: components["schemas"]["ReadyWarning"][];
      detail: string;
      code: components["schemas"]["ErrorCode"];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}

export type $defs = Record<string, never>;

export type external = Record<string, never>;

export interface operations {

  runNmap: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ScanRequest"] | components["schemas"]["PlanRun"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ScanAnswer"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["ScanAnswer"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      409: {
        content: {
          "application/json": components["schemas"]["SubmissionError"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["ScanRefused"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["SubmissionError"];
        };
      };
    };
  };
  getProjectStatus: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Status"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  stopProject: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Stopped"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  checkEntries: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EntriesToCheck"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CheckedEntries"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  makePlan: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ScanRequest"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Plan"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["PlanNumbers"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["PlanRefused"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["PlanError"];
        };
      };
    };
  };
  getPlan: {
    parameters: {
      path: {
        project_id: string;
        plan_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Plan"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["PlanNumbers"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["PlanRefused"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["PlanError"];
        };
      };
    };
  };
  deletePlan: {
    parameters: {
      path: {
        project_id: string;
        plan_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["DeletedPlan"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listPlans: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Plans"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  comparePlans: {
    parameters: {
      path: {
        project_id: string;
        plan_id: string;
        other_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["PlanDiff"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listSubmissions: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        state?: "planning" | "dispatching" | "paused" | "done" | "finished" | "stopped" | "failed";
      };
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Submissions"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getSubmission: {
    parameters: {
      path: {
        project_id: string;
        submission_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["SubmissionDetails"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  changeSubmission: {
    parameters: {
      path: {
        project_id: string;
        submission_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SubmissionChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ChangedSubmission"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["ChangedSubmission"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getSubmissionHistory: {
    parameters: {
      path: {
        project_id: string;
        submission_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["SubmissionHistory"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listTargets: {
    parameters: {
      query?: {
        state?: "waiting" | "queued" | "running" | "done" | "refused" | "dropped" | "stopped" | "failed";
        reason?: "already_in_scanledger" | "already_in_queue" | "forbidden" | "private_ip" | "unresolvable" | "other";
        text?: string;
        cursor?: string;
        limit?: number;
      };
      path: {
        project_id: string;
        submission_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Targets"];
          "text/csv": string;
          "application/x-ndjson": string;
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  explainTarget: {
    parameters: {
      query?: {
        target?: string;
        cursor?: string;
      };
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Explanations"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getDispatch: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["DispatchStatus"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getDispatchHistory: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["DispatchHistory"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getDispatchSettings: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["DispatchSettings"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  setDispatchSettings: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DispatchSettings"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["DispatchSettings"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  pauseSubmission: {
    parameters: {
      path: {
        project_id: string;
        submission_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PauseRequest"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Paused"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["Paused"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  resumeSubmission: {
    parameters: {
      path: {
        project_id: string;
        submission_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Resumed"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  cancelSubmission: {
    parameters: {
      path: {
        project_id: string;
        submission_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PauseRequest"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Cancelled"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["Cancelled"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  retryFailed: {
    parameters: {
      path: {
        project_id: string;
        submission_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Retried"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  retryStages: {
    parameters: {
      path: {
        project_id: string;
        submission_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["RetriedStages"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  cancelTargets: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CancelTargets"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CancelledTargets"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["CancelledTargets"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      409: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  pauseProject: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PauseRequest"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Paused"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["Paused"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  resumeProject: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Resumed"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  pauseDispatch: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["PauseRequest"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Paused"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["Paused"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  resumeDispatch: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Resumed"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listExclusions: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Exclusions"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  replaceExclusions: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewExclusions"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ChangedExclusions"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["ChangedExclusions"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  addExclusions: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewExclusions"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ChangedExclusions"];
        };
      };
      202: {
        content: {
          "application/json": components["schemas"]["ChangedExclusions"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  removeExclusions: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RemovedExclusions"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["RemovedExclusionsAnswer"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getReceipt: {
    parameters: {
      path: {
        project_id: string;
        receipt_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Receipt"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listProjectEvents: {
    parameters: {
      query?: {
        after?: string;
        limit?: number;
      };
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ProjectEvents"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listWebhooks: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Webhooks"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  setWebhooks: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NewWebhooks"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["WrittenWebhooks"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  deleteWebhooks: {
    parameters: {
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["RemovedWebhooks"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listAllSubmissions: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        project?: string;
        state?: "planning" | "dispatching" | "paused" | "done" | "finished" | "stopped" | "failed";
        user?: string;
        text?: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["AllSubmissions"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listProjects: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Projects"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listWorkersAtWork: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["WorkersAtWork"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getEvents: {
    parameters: {
      query?: {
        project?: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Events"];
          "text/event-stream": string;
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getSession: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  makeSession: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["LogIn"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      408: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      413: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      415: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  deleteSession: {
    responses: {
      200: {
        content: {
          "application/json": {
            ended: boolean;
          };
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  makeSessionLink: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["LoginLink"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listAuditEntries: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        event?: "submission.begun" | "submission.changed" | "submission.paused" | "submission.resumed" | "submission.cancelled" | "submission.excluded" | "submission.retried" | "targets.cancelled" | "plan.asked" | "plan.run" | "plan.deleted" | "project.stopped" | "project.paused" | "project.resumed" | "exclusions.added" | "exclusions.replaced" | "exclusions.removed" | "exclusions.refused" | "webhooks.replaced" | "webhooks.removed" | "dispatch.changed" | "dispatch.paused" | "dispatch.resumed" | "board.action" | "board.refused" | "login.refused" | "session.begun" | "session.ended" | "session.link_made";
        user?: string;
        since?: string;
        until?: string;
        submission?: string;
        from?: string;
        project?: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["AuditPage"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listProjectAuditEntries: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        event?: "submission.begun" | "submission.changed" | "submission.paused" | "submission.resumed" | "submission.cancelled" | "submission.excluded" | "submission.retried" | "targets.cancelled" | "plan.asked" | "plan.run" | "plan.deleted" | "project.stopped" | "project.paused" | "project.resumed" | "exclusions.added" | "exclusions.replaced" | "exclusions.removed" | "exclusions.refused" | "webhooks.replaced" | "webhooks.removed" | "dispatch.changed" | "dispatch.paused" | "dispatch.resumed" | "board.action" | "board.refused" | "login.refused" | "session.begun" | "session.ended" | "session.link_made";
        user?: string;
        since?: string;
        until?: string;
        submission?: string;
        from?: string;
      };
      path: {
        project_id: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["AuditPage"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      404: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      422: {
        content: {
          "application/json": components["schemas"]["Invalid"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getFrontPage: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["FrontPage"];
          "text/html": string;
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  listWorkers: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Workers"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      403: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getHealth: {
    responses: {
      200: {
        content: {
          "application/json": {
            status: "ok";
          };
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
    };
  };
  getReadiness: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Ready"];
        };
      };
      400: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      401: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      429: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      500: {
        content: {
          "application/json": components["schemas"]["Error"];
        };
      };
      503: {
        content: {
          "application/json": components["schemas"]["NotReady"];
        };
      };
    };
  };
}
