/*
 * recs_importer: the state of one import, which the readers of the formats
 * hand their rows to; private to dataset/.
 *
 * A call that returns anything but RECS_OK ends the import; err is filled.
 */

#ifndef _RECS_IMPORTER_H_INCLUDED_
#define _RECS_IMPORTER_H_INCLUDED_


#include "recs_attributes.h"
#include "recs_id_map.h"
#include "recs_id_set.h"
#include "recs_import.h"
#include "recs_import_contexts.h"
#include "recs_input.h"
#include "recs_interactions.h"


typedef struct {
    const recs_import_options_t  *options;
    recs_import_report_t         *report;
    recs_id_map_t                *users;
    recs_id_map_t                *items;
    recs_id_map_t                *events;         /* number 0: no event */
    double                       *weights;        /* by event number */
    recs_import_contexts_t        contexts;
    recs_interactions_t           interactions;
    recs_attributes_t             item_attributes;
    recs_attributes_t             user_attributes;
    recs_id_set_t                 seen_events;

    uint64_t                      bytes_before;   /* files read so far */
    uint64_t                      bytes_total;
    uint64_t                      n_ticks;
} recs_importer_t;

/* One interaction as it was read; text is borrowed. */
typedef struct {
    recs_str_t                    user;
    recs_str_t                    item;
    recs_str_t                    event;          /* empty: none */
    recs_str_t                    id;             /* of the event, or empty */
    int64_t                       time_ms;
    double                        value;
    uint32_t                      n_contexts;
    recs_context_t                contexts[RECS_CONTEXTS_MAX];
} recs_row_t;


recs_status_t recs_importer_init(recs_importer_t *im,
    const recs_import_options_t *options, recs_import_report_t *report,
    recs_error_t *err);
void recs_importer_free(recs_importer_t *im);

/* Counts, checks and stores a row, or rejects it. */
recs_status_t recs_importer_row(recs_importer_t *im, const recs_input_t *in,
    uint64_t line, const recs_row_t *row, recs_error_t *err);

/* Counts a row that is of no use or malformed, and reports the latter. */
recs_status_t recs_importer_reject(recs_importer_t *im,
    const recs_input_t *in, uint64_t line, recs_reject_reason_t reason,
    const char *detail, recs_error_t *err);

/* The same for a row of an item or user file. */
recs_status_t recs_importer_reject_entity(recs_importer_t *im,
    const recs_input_t *in, uint64_t line, recs_reject_reason_t reason,
    const char *detail, recs_error_t *err);

/* Reports progress now and then: called for every row. */
void recs_importer_tick(recs_importer_t *im, const recs_input_t *in);

/* Text to row->time_ms or row->value; returns 1, or 0 with *reason. */
int recs_row_time(recs_row_t *row, recs_str_t text,
    recs_reject_reason_t *reason);
int recs_row_value(recs_row_t *row, recs_str_t text,
    recs_reject_reason_t *reason);


/*
 * The readers, one for each format.  in is open; accesslog needs its options;
 * movielens is given the folder.
 */
recs_status_t recs_import_csv(recs_importer_t *im, recs_input_t *in,
    recs_error_t *err);
recs_status_t recs_import_jsonl(recs_importer_t *im, recs_input_t *in,
    recs_error_t *err);
recs_status_t recs_import_events(recs_importer_t *im, recs_input_t *in,
    recs_error_t *err);
recs_status_t recs_import_lightgcn(recs_importer_t *im, recs_input_t *in,
    recs_error_t *err);
recs_status_t recs_import_accesslog(recs_importer_t *im, recs_input_t *in,
    recs_error_t *err);
recs_status_t recs_import_movielens(recs_importer_t *im, const char *folder,
    recs_error_t *err);

/* Attributes from csv or jsonl; users != 0: of users, else of items. */
recs_status_t recs_import_entities(recs_importer_t *im, recs_input_t *in,
    int users, recs_error_t *err);

/* RECS_FORMAT_SNIFF: told by the window, RECS_INVALID where it cannot be. */
recs_status_t recs_import_sniff(recs_input_t *in, recs_format_t *format,
    recs_error_t *err);


/*
 * Cleans what was read and makes the arrays of a dataset of it, owned by
 * *dataset; the importer's own rows are used up.
 */
recs_status_t recs_importer_finish(recs_importer_t *im,
    recs_dataset_t **dataset, recs_error_t *err);


#endif /* _RECS_IMPORTER_H_INCLUDED_ */
