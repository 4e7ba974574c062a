#include "recs_trained.h"
#include "recs_popularity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static const char *
recs_trained_number(recs_trained_base_t *base, double value)
{
    char  *text;

    text = base->texts[base->n_texts++];
    snprintf(text, RECS_TRAINED_TEXT_MAX, "%.9g", value);

    return text;
}


recs_status_t
recs_trained_check(const recs_dataset_view_t *view, recs_error_t *err)
{
    if (view->n_interactions == 0) {
        return recs_error(err, RECS_INVALID, "the dataset has no "
                          "interactions, there is nothing to train on");
    }

    return RECS_OK;
}


recs_status_t
recs_trained_create(recs_trained_base_t **base, const recs_trainer_t *trainer,
    const recs_dataset_view_t *view, const double *values, uint64_t seed,
    recs_error_t *err)
{
    char                 *text;
    uint32_t              i;
    recs_model_t         *model;
    recs_trained_base_t  *b;

    b = calloc(1, sizeof(recs_trained_base_t));
    if (b == NULL) {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    b->trained.destroy = recs_trained_destroy;

    for (i = 0; i < trainer->n_params; i++) {
        b->params[i].name = trainer->params[i].name;
        b->params[i].value = recs_trained_number(b, values[i]);
    }

    text = b->texts[b->n_texts++];
    snprintf(text, RECS_TRAINED_TEXT_MAX, "%llu", (unsigned long long) seed);
    b->params[i].name = "seed";
    b->params[i].value = text;

    model = &b->trained.model;
    model->algorithm = trainer->name;
    model->params = b->params;
    model->n_params = trainer->n_params + 1;
    model->notes = b->notes;
    model->items = view->item_entities;
    model->users = view->user_entities;
    model->seen_offsets = view->user_offsets;
    model->seen_items = view->items;
    model->seen_times = view->times_ms;
    model->trained_from_ms = view->from_ms;
    model->trained_to_ms = view->to_ms;

    *base = b;

    return RECS_OK;
}


void
recs_trained_destroy(recs_trained_t *trained)
{
    recs_trained_base_t  *base;

    if (trained == NULL) {
        return;
    }

    base = (recs_trained_base_t *) trained;

    free(base->item_factors);
    free(base->user_factors);
    free(base->popularity);
    free(base->gram);
    free(base->term_hashes);
    free(base->term_weights);
    free(base->term_factors);
    recs_segments_free(&base->segments);
    recs_knn_lists_free(&base->lists);
    recs_knn_lists_free(&base->opposed);
    recs_knn_lists_free(&base->user_lists);
    free(base);
}


/* Where the model finds what base has. */
static void
recs_trained_show_popularity(recs_trained_base_t *base)
{
    base->trained.model.popularity = base->popularity;
    base->trained.model.segments = base->segments.model.n > 0
                                   ? &base->segments.model : NULL;
}


recs_status_t
recs_trained_popularity(recs_trained_base_t *base,
    const recs_dataset_view_t *view, double half_life_days, recs_error_t *err)
{
    base->popularity = recs_popularity_create(view, half_life_days);

    if (base->popularity == NULL
        || recs_segments_create(&base->segments, view, base->popularity,
                                half_life_days) != RECS_OK)
    {
        return recs_error(err, RECS_NOMEM, "out of memory");
    }

    recs_trained_show_popularity(base);

    return RECS_OK;
}


void
recs_trained_take_vectors(recs_trained_base_t *base,
    recs_trained_base_t *from)
{
    recs_model_t  *model;

    base->item_factors = from->item_factors;
    base->user_factors = from->user_factors;
    base->popularity = from->popularity;
    base->segments = from->segments;
    base->gram = from->gram;
    base->fold_in = from->fold_in;

    from->item_factors = NULL;
    from->user_factors = NULL;
    from->popularity = NULL;
    from->gram = NULL;
    memset(&from->segments, 0, sizeof(recs_segment_lists_t));

    model = &base->trained.model;
    model->n_factors = from->trained.model.n_factors;
    model->item_factors = base->item_factors;
    model->user_factors = base->user_factors;
    recs_trained_show_popularity(base);
    model->fold_in = from->trained.model.fold_in != NULL ? &base->fold_in
                                                         : NULL;
}


void
recs_trained_set_lists(recs_trained_base_t *base, recs_knn_lists_t *lists,
    double weight, uint32_t history)
{
    base->lists = *lists;
    memset(lists, 0, sizeof(recs_knn_lists_t));

    base->neighbors.offsets = base->lists.offsets;
    base->neighbors.items = base->lists.items;
    base->neighbors.weights = base->lists.weights;
    base->neighbors.weight = weight;
    base->neighbors.unit = recs_knn_lists_unit(&base->lists,
                                             base->trained.model.items.n);
    base->neighbors.history = history;
    base->trained.model.neighbors = &base->neighbors;
}


void
recs_trained_set_opposed(recs_trained_base_t *base, recs_knn_lists_t *opposed)
{
    base->opposed = *opposed;
    memset(opposed, 0, sizeof(recs_knn_lists_t));

    /* What is cut off a heavy weight is missed where others are subtracted. */
    base->neighbors.unit = 0;
    base->neighbors.opposed.offsets = base->opposed.offsets;
    base->neighbors.opposed.items = base->opposed.items;
    base->neighbors.opposed.weights = base->opposed.weights;
}


void
recs_trained_set_user_lists(recs_trained_base_t *base,
    recs_knn_lists_t *lists)
{
    base->user_lists = *lists;
    memset(lists, 0, sizeof(recs_knn_lists_t));

    base->neighbors.users.offsets = base->user_lists.offsets;
    base->neighbors.users.items = base->user_lists.items;
    base->neighbors.users.weights = base->user_lists.weights;
}


void
recs_trained_set_session(recs_trained_base_t *base,
    const recs_session_choice_t *choice)
{
    if (choice->window == 0) {
        return;
    }

    base->trained.model.session_window = choice->window;
    base->trained.model.session_prior = choice->prior;
    recs_trained_note(base, "validation_session_ndcg_at_20", choice->ndcg);
    recs_trained_note(base, "validation_session_ndcg_at_20_of_all",
                      choice->whole_ndcg);
}


void
recs_trained_note(recs_trained_base_t *base, const char *name, double value)
{
    recs_model_t  *model;

    model = &base->trained.model;

    if (model->n_notes == RECS_TRAINED_NOTES_MAX) {
        return;
    }

    base->notes[model->n_notes].name = name;
    base->notes[model->n_notes].value = recs_trained_number(base, value);
    model->n_notes++;
}
