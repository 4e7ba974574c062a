/*
 * recs_signals: SIGHUP, SIGINT, SIGPIPE and SIGTERM end the command as they
 * would by themselves, after its temporary files are gone.  One that is
 * ignored, by nohup say, stays ignored; of a closed pipe the command then has
 * an error to tell.
 */

#ifndef _RECS_SIGNALS_H_INCLUDED_
#define _RECS_SIGNALS_H_INCLUDED_


void recs_signals_catch(void);


#endif /* _RECS_SIGNALS_H_INCLUDED_ */
