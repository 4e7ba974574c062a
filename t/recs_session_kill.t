# Workers are killed while they write sessions.  No answer is made of half a
# session, none of another visitor's, no lock stays behind.
#
#     RECS_SESSION_KILLS=200 make check-t T=t/recs_session_kill.t
#
# Runs alone: it is a load.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(encode_json);
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $KILLS = $ENV{RECS_SESSION_KILLS} // 10;
my $LOADERS = 2;

# What each kind of visitor touches, again and again; nobody else does.
my @kinds = ([1, 2, 3], [11, 12, 13], [21, 22, 23], [31, 32, 33]);

my $t = RecsNginx->new;

$t->publish($t->bundle('a', items => 40, users => 80), 'shop');
$t->conf(<<'END', workers => 2);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 10; }

    recs_session_zone visitors 256k items=3;
    recs_session zone=visitors;
    recs_user $cookie_uid;
    recs_event_log off;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /recs/ { recs_api; }
        location /collect { recs_collect; }
        location /status { recs_status; }
    }
}
END
$t->start;


sub touch_items {
    my ($uid, @items) = @_;

    return $t->post('/collect', Cookie => "uid=$uid",
                    'Content-Type' => 'application/json',
                    ':body' => encode_json([map {
                        { event => 'click', item => "i$_" } } @items]));
}


sub shown {
    my ($uid) = @_;

    my $json = $t->json('/recs/for_you', Cookie => "uid=$uid")->{json};

    return defined $json
        ? join ' ', $json->{source}, map { $_->{id} } @{ $json->{items} }
        : undef;
}


# Every order in which some of a kind's items can have been touched last.
sub orders {
    my ($done, @left) = @_;

    return ([@$done], map {
        my $next = $_;
        orders([@$done, $next], grep { $_ != $next } @left);
    } @left);
}


my @right;
my $fresh = 0;

for my $kind (0 .. $#kinds) {
    for my $order (orders([], @{ $kinds[$kind] })) {
        my $uid = 'fresh' . $fresh++;

        touch_items($uid, @$order) if @$order;
        $right[$kind]{shown($uid)} = 1;
    }
}

cmp_ok(scalar keys %{ $right[0] }, '>', 5, 'sessions can be told apart');


# Touches and looks until it is killed; says what it saw that is not right.
sub load {
    my ($loader, $output) = @_;

    my $n = $loader;

    for ( ;; ) {
        $n += $LOADERS;

        my $visitor = $n % 40;
        my $kind = $visitor % @kinds;

        touch_items("v$visitor", map { $kinds[$kind][$_ % 3] } 0 .. 63);

        my $seen = shown("v$visitor");

        if (defined $seen && !$right[$kind]{$seen}) {
            syswrite $output, "kind $kind: $seen\n";
        }
    }
}


pipe my $from, my $to or die "pipe: $!";
my @loaders;

for my $loader (1 .. $LOADERS) {
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        $t->{owner} = 0;
        eval { load($loader, $to); };
        syswrite $to, "loader: $@\n";
        POSIX::_exit(1);
    }

    push @loaders, $pid;
}

close $to;

sub sessions { return $t->json('/status')->{json}{sessions} // {} }


my $added = sessions()->{added};

for my $n (1 .. $KILLS) {
    my @workers = $t->workers;

    # Under load: some hundred items later.
    $added += 500 + 37 * $n % 1000;
    $t->wait_for('load', sub { (sessions()->{added} // 0) > $added });
    $added = sessions()->{added} // $added;

    $t->kill_worker($workers[$n % @workers]);
}

kill 'KILL', @loaders;
waitpid $_, 0 for @loaders;

my @wrong = <$from>;
is(scalar @wrong, 0, "no answer of a torn session in $KILLS kills")
    or diag(@wrong[0 .. ($#wrong < 9 ? $#wrong : 9)]);


# Every visitor's record can be written by either worker.

my $failed = 0;

for my $visitor (0 .. 39) {
    my $kind = $kinds[$visitor % @kinds];

    $failed++ if touch_items("v$visitor", @$kind)->{status} != 204;
    $failed++ if shown("v$visitor") !~ /^session /;
}

is($failed, 0, 'no lock has stayed behind');

my $sessions = sessions();
diag("$sessions->{added} items added, $sessions->{torn} half-written records"
     . " emptied, $sessions->{busy} updates given up");

$t->expect(qr/worker process \d+ exited on signal 9/);
$t->expect(qr/shared memory zone "\w+" was locked by/);
$t->done;
