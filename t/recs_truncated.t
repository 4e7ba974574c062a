# The live file is cut off behind nginx's back.  The worker that comes to what
# is missing dies of SIGBUS; the one in its place refuses the file and serves
# without the model, within a second; a rollback and a reload mend it.  The
# generation is unlinked: nobody notices.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;
my $page = '<recs-slot name="for_you"><p>fallback</p></recs-slot>';

$t->publish($t->bundle('a', seed => 1), 'shop');
$t->publish($t->bundle('b', seed => 2), 'shop');
$t->run('mkdir', '-p', $t->path('www'));
$t->write('www/page.html', $page);

$t->conf(<<'END');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 5; }
    recs_user $arg_u;

    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;

        location /recs/ { recs_api; }
        location /status { recs_status json; }
        location /page.html { recs_fill on; }
    }
}
END
$t->start;


sub ids {
    my $json = $t->json('/recs/for_you?u=u1')->{json} // {};
    return join ',', map { $_->{id} } @{ $json->{items} // [] };
}


my %right = map { $_ => join ',', $t->offline($t->path("$_.mdb"), 'u1', 5) }
            qw(a b);

is(ids(), $right{b}, 'the second generation serves');

# A reader that has mapped it keeps it.
my $live = $t->path('shop/' . readlink $t->path('shop/current'));

rename $live, "$live.away";
$t->kill_worker(($t->workers)[0]);
is(ids(), $right{b}, 'a respawned worker serves what is unlinked');
rename "$live.away", $live;

# In the middle of what a request needs, or all of it.
chmod 0644, $live;
truncate $live, 4096 or die "$live: $!";

my $began = time;
my ($worker) = $t->workers;

$t->expect(qr/worker process $worker exited on signal (?:7|10|11)/);
$t->expect(qr/AddressSanitizer(?:: BUS|:DEADLYSIGNAL| can not)/);
$t->expect(qr/recs_model "shop"/);
eval { $t->get('/recs/for_you?u=u1') };

$t->wait_for('a worker in its place', sub {
    my @now = $t->workers;
    return @now && $now[0] != $worker;
});

my $r = $t->get('/page.html?u=u1');
my $took = time - $began;

is($r->{body}, $page, 'the page is as it was');
note(sprintf '%.3f s without a model', $took);

my $json = $t->json('/recs/for_you?u=u1')->{json};
is($json->{source}, 'fallback', 'the answer: fallback');
is($json->{reason}, 'no_model', 'the reason: no_model');

my ($status, $said) = $t->run($t->{recs}, 'verify', $live);
is($status, 1, 'verify refuses it');
($status, $said) = $t->test;
isnt($status, 0, 'nginx -t refuses it');

$t->recs('rollback', $t->path('shop'), '--to', 1);
$t->reload;
is(ids(), $right{a}, 'after a rollback and a reload the first serves');

$t->done;
