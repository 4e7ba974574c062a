#include "recs_evaluate_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


static void recs_evaluate_thirds(const recs_evaluate_t *e,
    recs_evaluation_t *evaluation);
static void recs_evaluate_add(recs_evaluate_t *e, recs_evaluation_part_t *p,
    uint32_t i, double *const *rows);
static void recs_evaluate_mean(recs_evaluate_t *e, recs_evaluation_part_t *p);
static void recs_evaluate_shown(recs_evaluate_t *e,
    recs_evaluation_part_t *p);


const char *
recs_part_name(recs_part_t part)
{
    static const char *const  names[] = {
#define RECS_PART_TEXT(name, text)  text,
        RECS_PART_MAP(RECS_PART_TEXT)
#undef RECS_PART_TEXT
    };

    return names[part];
}


void
recs_evaluate_sum(recs_evaluate_t *e, recs_evaluation_t *evaluation)
{
    double                   history;
    uint32_t                 i, n_histories;
    recs_part_t              part;
    recs_evaluate_user_t    *user;
    recs_evaluation_part_t  *parts;

    memset(evaluation, 0, sizeof(recs_evaluation_t));
    evaluation->n_at = e->n_at;
    evaluation->n_unknown_users = e->n_unknown;
    parts = evaluation->parts;

    recs_evaluate_thirds(e, evaluation);

    history = 0;
    n_histories = 0;

    for (i = 0; i < e->n_users; i++) {
        user = &e->users[i];

        if (e->catalogue.n_users > 0) {
            part = user->history == 0 ? RECS_PART_NEW
                   : user->history <= evaluation->light_to ? RECS_PART_LIGHT
                   : user->history >= evaluation->heavy_from ? RECS_PART_HEAVY
                   : RECS_PART_MIDDLE;
            recs_evaluate_add(e, &parts[part], i, e->rows);
            parts[part].n_test += user->n_test;
        }

        if (!user->known) {
            continue;
        }

        recs_evaluate_add(e, &parts[RECS_PART_ALL], i, e->rows);
        parts[RECS_PART_ALL].n_test += user->n_test;

        if (user->n_new > 0) {
            recs_evaluate_add(e, &parts[RECS_PART_NEW_ITEMS], user->new_row,
                              e->new_rows);
            parts[RECS_PART_NEW_ITEMS].n_test += user->n_new;
        }

        if (!isnan(user->history_popularity)) {
            history += user->history_popularity;
            n_histories++;
        }
    }

    evaluation->history_popularity = n_histories > 0 ? history / n_histories
                                                     : (double) NAN;

    for (part = RECS_PART_ALL; part < RECS_PART_COUNT; part++) {
        recs_evaluate_mean(e, &parts[part]);
    }

    recs_evaluate_shown(e, &parts[RECS_PART_ALL]);
}


static int
recs_evaluate_by_history(const void *a, const void *b)
{
    uint32_t  x, y;

    x = *(const uint32_t *) a;
    y = *(const uint32_t *) b;

    return x < y ? -1 : x > y;
}


static void
recs_evaluate_thirds(const recs_evaluate_t *e, recs_evaluation_t *evaluation)
{
    uint32_t  i, n, *histories;

    histories = e->histories;
    n = 0;

    for (i = 0; i < e->n_users; i++) {
        if (e->users[i].known && e->users[i].history > 0) {
            histories[n++] = e->users[i].history;
        }
    }

    if (n == 0) {
        return;
    }

    qsort(histories, n, sizeof(uint32_t), recs_evaluate_by_history);

    evaluation->light_to = histories[(n - 1) / 3];
    evaluation->heavy_from = histories[n - 1 - (n - 1) / 3];
}


static void
recs_evaluate_add_row(const recs_evaluate_t *e, recs_figures_t *to,
    const double *row)
{
    uint32_t  a, q;

    for (a = 0; a < e->n_at; a++) {
        for (q = 0; q < RECS_QUALITY_COUNT; q++) {
            to->at[a].values[q] += row[a * RECS_QUALITY_COUNT + q];
        }
    }

    to->auc += row[e->width - 1];
}


static void
recs_evaluate_add(recs_evaluate_t *e, recs_evaluation_part_t *p, uint32_t i,
    double *const *rows)
{
    p->n_users++;

    recs_evaluate_add_row(e, &p->model,
                          rows[RECS_EVALUATE_MODEL] + (size_t) i * e->width);
    recs_evaluate_add_row(e, &p->popular,
                          rows[RECS_EVALUATE_POPULAR]
                          + (size_t) i * e->width);
}


static void
recs_evaluate_divide(const recs_evaluate_t *e, recs_figures_t *f, double n)
{
    uint32_t  a, q;

    for (a = 0; a < e->n_at; a++) {
        f->at[a].k = e->at[a];
        f->at[a].coverage = (double) NAN;
        f->at[a].gini = (double) NAN;

        for (q = 0; q < RECS_QUALITY_COUNT; q++) {
            f->at[a].values[q] /= n;
        }
    }

    f->auc /= n;
}


static void
recs_evaluate_mean(recs_evaluate_t *e, recs_evaluation_part_t *p)
{
    recs_evaluate_divide(e, &p->model, p->n_users);
    recs_evaluate_divide(e, &p->popular, p->n_users);
}


/* The workers' counts, added up in the first one's. */

static void
recs_evaluate_shown_in(recs_evaluate_t *e, unsigned question,
    recs_figures_t *figures)
{
    size_t    i, n;
    uint32_t  a, w, *sum;

    n = e->catalogue.view->n_items;
    sum = e->workers[0].shown[question];

    for (w = 1; w < e->n_workers; w++) {
        for (i = 0; i < n * e->n_at; i++) {
            sum[i] += e->workers[w].shown[question][i];
        }
    }

    for (a = 0; a < e->n_at; a++) {
        recs_quality_shown(sum + a * n, (uint32_t) n,
                           &figures->at[a].coverage, &figures->at[a].gini);
    }
}


static void
recs_evaluate_shown(recs_evaluate_t *e, recs_evaluation_part_t *p)
{
    recs_evaluate_shown_in(e, RECS_EVALUATE_MODEL, &p->model);
    recs_evaluate_shown_in(e, RECS_EVALUATE_POPULAR, &p->popular);
}
