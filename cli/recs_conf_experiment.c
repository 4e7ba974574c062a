#include "recs_conf_experiment.h"

#include <string.h>


/* What a block may hold that only nginx needs; recs_experiment_set(). */
static const char *const  recs_conf_nginx_words[] = {
    "unit", "slot", "guard", "expose", "when", "bandit", NULL
};


static int
recs_conf_is(recs_str_t word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.data, text, word.len) == 0;
}


/* Puts the place before a message. */
static recs_status_t
recs_conf_at(const recs_nginx_line_t *line, recs_status_t status,
    recs_error_t *err)
{
    recs_error_t  what;

    what = *err;

    return recs_error(err, status, "%s:%u: %s", line->name, line->line,
                      what.message);
}


static recs_status_t
recs_conf_set(recs_conf_experiment_t *e, const recs_nginx_line_t *line,
    recs_error_t *err)
{
    unsigned       i;
    recs_status_t  status;

    if (line->end != ';') {
        recs_error(err, RECS_INVALID, "unexpected \"{\"");
        return recs_conf_at(line, RECS_INVALID, err);
    }

    status = recs_experiment_set(&e->x, line->words, line->n, err);

    if (status == RECS_NOT_FOUND) {
        for (i = 0; recs_conf_nginx_words[i] != NULL; i++) {
            if (recs_conf_is(line->words[0], recs_conf_nginx_words[i])) {
                status = RECS_OK;
            }
        }
    }

    if (status != RECS_OK) {
        return recs_conf_at(line, RECS_INVALID, err);
    }

    if (recs_conf_is(line->words[0], "when")) {
        e->when = 1;
    }

    if (recs_conf_is(line->words[0], "bandit") && line->n == 2) {
        e->bandit = line->words[1];
    }

    return RECS_OK;
}


/* The lines of a block whose first one was read. */
static recs_status_t
recs_conf_block(recs_conf_experiment_t *e, const recs_nginx_line_t *first,
    recs_error_t *err)
{
    recs_status_t      status;
    recs_nginx_line_t  line;

    for ( ;; ) {
        status = recs_nginx_conf_next(e->conf, &line, err);

        if (status == RECS_NOT_FOUND) {
            recs_error(err, RECS_INVALID, "the block is not closed");
            return recs_conf_at(first, RECS_INVALID, err);
        }

        if (status != RECS_OK) {
            return status;
        }

        if (line.end == '}') {
            break;
        }

        status = recs_conf_set(e, &line, err);

        if (status != RECS_OK) {
            return status;
        }
    }

    status = recs_experiment_settle(&e->x, err);

    return status == RECS_OK ? RECS_OK : recs_conf_at(first, status, err);
}


static recs_status_t
recs_conf_find(recs_conf_experiment_t *e, const char *path, recs_str_t name,
    recs_error_t *err)
{
    int                found;
    recs_status_t      status;
    recs_nginx_line_t  line;

    found = 0;

    while ((status = recs_nginx_conf_next(e->conf, &line, err)) == RECS_OK) {

        if (line.end != '{' || line.n != 2
            || !recs_conf_is(line.words[0], "recs_experiment")
            || line.words[1].len != name.len
            || memcmp(line.words[1].data, name.data, name.len) != 0)
        {
            continue;
        }

        if (found) {
            recs_error(err, RECS_INVALID, "duplicate experiment \"%.*s\"",
                       (int) name.len, name.data);
            return recs_conf_at(&line, RECS_INVALID, err);
        }

        found = 1;
        status = recs_conf_block(e, &line, err);

        if (status != RECS_OK) {
            return status;
        }
    }

    if (status == RECS_NOT_FOUND && !found) {
        return recs_error(err, RECS_NOT_FOUND, "no \"recs_experiment %.*s\" "
                          "in \"%s\" or what it includes", (int) name.len,
                          name.data, path);
    }

    return status == RECS_NOT_FOUND ? RECS_OK : status;
}


recs_status_t
recs_conf_experiment_read(recs_conf_experiment_t *experiment,
    const char *path, recs_str_t name, recs_error_t *err)
{
    recs_status_t           status;
    recs_conf_experiment_t  e;

    memset(&e, 0, sizeof(recs_conf_experiment_t));

    status = recs_experiment_init(&e.x, name, err);

    if (status == RECS_OK) {
        status = recs_nginx_conf_open(&e.conf, path, err);
    }

    if (status == RECS_OK) {
        status = recs_conf_find(&e, path, name, err);
    }

    if (status != RECS_OK) {
        recs_conf_experiment_free(&e);
        return status;
    }

    *experiment = e;

    return RECS_OK;
}


void
recs_conf_experiment_free(recs_conf_experiment_t *experiment)
{
    recs_nginx_conf_close(experiment->conf);
}
