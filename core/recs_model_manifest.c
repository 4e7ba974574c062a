#include "recs_model_writing.h"

#include <stdio.h>
#include <string.h>
#include <time.h>


/* ISO 8601; returns 0 for a year that it cannot write. */
static int
recs_model_time(char *buf, size_t size, int64_t ms)
{
    time_t     seconds;
    struct tm  tm;

    seconds = (time_t) (ms / 1000);

    return gmtime_r(&seconds, &tm) != NULL
           && strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0;
}


static recs_status_t
recs_model_put_columns(recs_writing_t *w, const char *entity,
    const recs_entities_t *entities, recs_error_t *err)
{
    char           name[64], value[16];
    uint32_t       i;
    recs_status_t  rc;

    snprintf(name, sizeof(name), "%s_columns", entity);
    snprintf(value, sizeof(value), "%u", entities->n_columns);

    rc = recs_bundle_writer_manifest(w->writer, name, value, err);

    for (i = 0; i < entities->n_columns && rc == RECS_OK; i++) {
        snprintf(name, sizeof(name), "%s_column.%03u", entity, i);
        rc = recs_bundle_writer_manifest(w->writer, name,
                                         entities->columns[i], err);
    }

    return rc;
}


static recs_status_t
recs_model_put_pairs(recs_writing_t *w, const char *prefix,
    const recs_pair_t *pairs, uint32_t n, recs_error_t *err)
{
    int            len;
    char           name[RECS_MANIFEST_NAME_MAX + 1];
    uint32_t       i;
    recs_status_t  rc;

    rc = RECS_OK;

    for (i = 0; i < n && rc == RECS_OK; i++) {
        len = snprintf(name, sizeof(name), "%s%s", prefix, pairs[i].name);

        if (len < 0 || (size_t) len >= sizeof(name)) {
            return recs_error(err, RECS_INVALID, "the manifest name \"%s\" "
                              "is longer than %d bytes", pairs[i].name,
                              RECS_MANIFEST_NAME_MAX);
        }

        rc = recs_bundle_writer_manifest(w->writer, name, pairs[i].value,
                                         err);
    }

    return rc;
}


static recs_status_t
recs_model_put_fold_in(recs_writing_t *w, recs_error_t *err)
{
    char                          weight[32], reg[32], exponent[32];
    recs_pair_t                   pairs[3];
    const recs_fold_in_params_t  *fold_in;

    fold_in = w->model->fold_in;

    if (fold_in == NULL) {
        return RECS_OK;
    }

    snprintf(weight, sizeof(weight), "%.17g", fold_in->unobserved_weight);
    snprintf(reg, sizeof(reg), "%.17g", fold_in->regularization);
    snprintf(exponent, sizeof(exponent), "%.17g",
             fold_in->regularization_exponent);

    pairs[0] = (recs_pair_t) { "unobserved_weight", weight };
    pairs[1] = (recs_pair_t) { "regularization", reg };
    pairs[2] = (recs_pair_t) { "regularization_exponent", exponent };

    return recs_model_put_pairs(w, "fold_in.", pairs, 3, err);
}


static recs_status_t
recs_model_put_neighbors(recs_writing_t *w, recs_error_t *err)
{
    char         step[32], unit[32], history[16];
    recs_pair_t  pairs[3];

    if (w->model->neighbors == NULL) {
        return RECS_OK;
    }

    snprintf(step, sizeof(step), "%.17g", (double) w->step);
    snprintf(unit, sizeof(unit), "%.17g", w->unit);
    snprintf(history, sizeof(history), "%u", w->model->neighbors->history);

    pairs[0] = (recs_pair_t) { "step", step };
    pairs[1] = (recs_pair_t) { "unit", unit };
    pairs[2] = (recs_pair_t) { "history", history };

    return recs_model_put_pairs(w, "neighbors.", pairs, 3, err);
}


static recs_status_t
recs_model_put_session(recs_writing_t *w, recs_error_t *err)
{
    char                 window[16], prior[32];
    recs_pair_t          pairs[2];
    const recs_model_t  *m;

    m = w->model;

    snprintf(window, sizeof(window), "%u", m->session_window != 0
                                           ? m->session_window
                                           : RECS_SESSION_WINDOW_MAX);
    snprintf(prior, sizeof(prior), "%.9g", m->session_prior != 0
                                           ? m->session_prior
                                           : RECS_SESSION_PRIOR);

    pairs[0] = (recs_pair_t) { "window", window };
    pairs[1] = (recs_pair_t) { "prior", prior };

    return recs_model_put_pairs(w, "session.", pairs, 2, err);
}


/* The oldest reader that scores as the model is meant. */
static int
recs_model_reader(const recs_model_t *m)
{
    if (m->neighbors == NULL) {
        return RECS_READER_PLAIN;
    }

    return m->neighbors->opposed.offsets != NULL
           || m->neighbors->users.offsets != NULL
           ? RECS_READER_FURTHER : RECS_READER_NEIGHBORS;
}


recs_status_t
recs_model_put_manifest(recs_writing_t *w, recs_error_t *err)
{
    char                 reader[16], n_items[16], n_users[16], n_factors[16],
                         collisions[16], created[32], from[32], to[32],
                         languages[RECS_LANGUAGES_TEXT_MAX];
    uint32_t             n;
    recs_pair_t          pairs[16];
    recs_status_t        rc;
    const recs_model_t  *m;

    m = w->model;

    snprintf(reader, sizeof(reader), "%d", recs_model_reader(m));
    snprintf(n_items, sizeof(n_items), "%u", m->items.n);
    snprintf(n_users, sizeof(n_users), "%u", w->n_users);
    snprintf(n_factors, sizeof(n_factors), "%u", m->n_factors);
    snprintf(collisions, sizeof(collisions), "%u", m->items.n - w->n_hashes);

    n = 0;
    pairs[n++] = (recs_pair_t) { "algorithm", m->algorithm };
    pairs[n++] = (recs_pair_t) { "reader", reader };
    pairs[n++] = (recs_pair_t) { "n_items", n_items };
    pairs[n++] = (recs_pair_t) { "n_users", n_users };
    pairs[n++] = (recs_pair_t) { "n_factors", n_factors };
    pairs[n++] = (recs_pair_t) { "item_hashes.collisions", collisions };

    if (m->n_factors > 0) {
        pairs[n++] = (recs_pair_t) { "codes", recs_codes_name(w->codes_kind) };
    }

    if (recs_model_time(created, sizeof(created),
                        (int64_t) time(NULL) * 1000))
    {
        pairs[n++] = (recs_pair_t) { "created", created };
    }

    if (m->terms != NULL) {
        recs_languages_format(m->terms->languages, languages);
        pairs[n++] = (recs_pair_t) { "languages", languages };
    }

    if (m->trained_to_ms != 0
        && recs_model_time(from, sizeof(from), m->trained_from_ms)
        && recs_model_time(to, sizeof(to), m->trained_to_ms))
    {
        pairs[n++] = (recs_pair_t) { "trained_from", from };
        pairs[n++] = (recs_pair_t) { "trained_to", to };
    }

    if ((rc = recs_model_put_pairs(w, "", pairs, n, err)) != RECS_OK
        || (rc = recs_model_put_pairs(w, "param.", m->params, m->n_params,
                                      err)) != RECS_OK
        || (rc = recs_model_put_pairs(w, "", m->notes, m->n_notes, err))
           != RECS_OK
        || (rc = recs_model_put_fold_in(w, err)) != RECS_OK
        || (rc = recs_model_put_neighbors(w, err)) != RECS_OK
        || (rc = recs_model_put_session(w, err)) != RECS_OK
        || (rc = recs_model_put_columns(w, "item", &m->items, err))
           != RECS_OK)
    {
        return rc;
    }

    return recs_model_put_columns(w, "user", &m->users, err);
}
