/** What the page shows beside the series. */
export interface PageJson {
  readonly version: string;
  /** Where other pages are, as `page` in the configuration has them. */
  readonly links: {
    readonly prometheus_url?: string | undefined;
    readonly grafana_url?: string | undefined;
    readonly alertmanager_url?: string | undefined;
    readonly docs_url?: string | undefined;
    readonly runbook_url?: string | undefined;
  };
  /** Rules that get nothing of native histograms which they seem to want: the series of one, and the way out in words. */
  readonly dropped_histograms: readonly { readonly rule: string; readonly example: string; readonly reason: string }[];
  /** The remote_write targets that do not accept forecasts now, why in words, and since when. */
  readonly failing_targets: readonly {
    readonly name: string;
    readonly reason: string;
    readonly since: number;
    /** There where curves of the future are all that a target does not accept. */
    readonly only_curves?: true;
  }[];
}

/** The answer of `GET /api/v1/status/page`. */
export interface PageAnswer {
  readonly status: 'success';
  readonly data: PageJson;
}
